// Adam and AdamW over many tensors in one launch, with clipping by the norm of all gradients, which
// never leaves the card. The tensors' addresses travel in the arguments of the kernel, so nothing
// is uploaded and a recorded graph keeps them.
#include "jlora.cuh"

#define TENSORS 96
#define CHUNK 8192u

#if defined(STATE_FLOAT32)
typedef float state;
__device__ __forceinline__ float state_to_float(float x) { return x; }
__device__ __forceinline__ float to_state(float x) { return x; }
#else
typedef element state;
__device__ __forceinline__ float state_to_float(element x) { return to_float(x); }
__device__ __forceinline__ element to_state(float x) { return to_element(x); }
#endif

// A block for each CHUNK elements of a tensor; first_chunks counts those of the tensors before.
struct tensor_list {
  element* parameters[TENSORS];
  const element* gradients[TENSORS];
  state* averages[TENSORS];
  state* square_averages[TENSORS];
  u32 counts[TENSORS];
  u32 first_chunks[TENSORS];
  u32 tensors;
};

struct chunk {
  u32 tensor;
  u32 begin;
  u32 end;
};

__device__ __forceinline__ chunk chunk_of(const tensor_list& list, u32 index) {
  u32 low = 0;
  u32 high = list.tensors;
  while (high - low > 1) {
    u32 middle = (low + high) / 2;
    if (list.first_chunks[middle] <= index) {
      low = middle;
    } else {
      high = middle;
    }
  }
  u32 begin = (index - list.first_chunks[low]) * CHUNK;
  u32 end = list.counts[low] - begin < CHUNK ? list.counts[low] : begin + CHUNK;
  return {low, begin, end};
}

// partial[block] = the sum of the squares of its gradients.
extern "C" __global__ void __launch_bounds__(THREADS) gradient_squares(
    const __grid_constant__ tensor_list list, float* partial) {
  __shared__ float scratch[THREADS / WARP];
  chunk part = chunk_of(list, blockIdx.x);
  const element* gradient = list.gradients[part.tensor];
  float sum = 0;
  for (u32 i = part.begin + threadIdx.x; i < part.end; i += THREADS) {
    float value = to_float(gradient[i]);
    sum += value * value;
  }
  sum = block_sum(sum, scratch);
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = sum;
  }
}

// One block. clipping[0] = the norm of unscale * gradients, clipping[1] = what to multiply them
// with, so that their norm is most at the most (0 for no limit), clipping[2] = 1 if it is finite.
extern "C" __global__ void __launch_bounds__(THREADS) clip_factor(
    float* clipping, const float* partial, u32 count, float most, float unscale) {
  __shared__ float scratch[THREADS / WARP];
  float sum = 0;
  for (u32 i = threadIdx.x; i < count; i += THREADS) {
    sum += partial[i];
  }
  sum = block_sum(sum, scratch);
  if (threadIdx.x == 0) {
    float norm = sqrtf(sum) * unscale;
    float factor = most > 0 ? most / (norm + 1e-6f) : 1.0f;
    clipping[0] = norm;
    clipping[1] = (factor < 1.0f ? factor : 1.0f) * unscale;
    clipping[2] = norm - norm == 0.0f ? 1.0f : 0.0f;
  }
}

// One step. numbers = learning rate, learning rate / (1 - beta1^step), 1 / sqrt(1 - beta2^step);
// clipping as above, or absent. With gradients that are not finite nothing is touched.
extern "C" __global__ void __launch_bounds__(THREADS) adam_step(
    const __grid_constant__ tensor_list list,
    const float* numbers,
    const float* clipping,
    float beta1,
    float beta2,
    float decay,
    float epsilon,
    u32 decoupled) {
  if (clipping && clipping[2] == 0.0f) {
    return;
  }
  float rate = numbers[0];
  float step = numbers[1];
  float correction = numbers[2];
  float factor = clipping ? clipping[1] : 1.0f;
  chunk part = chunk_of(list, blockIdx.x);
  element* parameters = list.parameters[part.tensor];
  const element* gradients = list.gradients[part.tensor];
  state* averages = list.averages[part.tensor];
  state* square_averages = list.square_averages[part.tensor];
  for (u32 i = part.begin + threadIdx.x; i < part.end; i += THREADS) {
    float value = to_float(parameters[i]);
    float gradient = to_float(gradients[i]) * factor;
    if (decoupled) {
      value -= rate * decay * value;
    } else {
      gradient += decay * value;
    }
    float average = state_to_float(averages[i]);
    average += (1.0f - beta1) * (gradient - average);
    float square = beta2 * state_to_float(square_averages[i]) + (1.0f - beta2) * gradient * gradient;
    value -= step * average / (sqrtf(square) * correction + epsilon);
    averages[i] = to_state(average);
    square_averages[i] = to_state(square);
    parameters[i] = to_element(value);
  }
}
