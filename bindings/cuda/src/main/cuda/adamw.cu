// Adam and AdamW over many tensors in one launch, with clipping by the norm of all gradients, which
// never leaves the card. The tensors' addresses travel in the arguments of the kernel, so nothing
// is uploaded and a recorded graph keeps them.
#include "jlora.cuh"

#define TENSORS 80
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
  float* steps[TENSORS];
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

// One block. clipping[0] = the norm of the gradients without the loss's scale (absent: 1),
// clipping[1] = what to multiply them with, so that the scale is gone and their norm is most at the
// most (0 for no limit), clipping[2] = 1 if the norm is finite, else 0, clipping[3] = 1 if it is not.
extern "C" __global__ void __launch_bounds__(THREADS) clip_factor(
    float* clipping, const float* partial, u32 count, float most, const float* scale) {
  __shared__ float scratch[THREADS / WARP];
  float sum = 0;
  for (u32 i = threadIdx.x; i < count; i += THREADS) {
    sum += partial[i];
  }
  sum = block_sum(sum, scratch);
  if (threadIdx.x == 0) {
    float unscale = scale ? 1.0f / *scale : 1.0f;
    float norm = sqrtf(sum) * unscale;
    float factor = most > 0 ? most / (norm + 1e-6f) : 1.0f;
    bool finite = norm - norm == 0.0f;
    clipping[0] = norm;
    clipping[1] = (factor < 1.0f ? factor : 1.0f) * unscale;
    clipping[2] = finite ? 1.0f : 0.0f;
    clipping[3] = finite ? 0.0f : 1.0f;
  }
}

// One block. Counts a step of each tensor, unless gradients are not finite.
extern "C" __global__ void __launch_bounds__(THREADS) count_steps(
    const __grid_constant__ tensor_list list, const float* clipping) {
  if (clipping[2] == 0.0f) {
    return;
  }
  for (u32 i = threadIdx.x; i < list.tensors; i += THREADS) {
    *list.steps[i] += 1.0f;
  }
}

// One step, counted already; clipping as above. With gradients that are not finite nothing is
// touched.
extern "C" __global__ void __launch_bounds__(THREADS) adam_step(
    const __grid_constant__ tensor_list list,
    const float* rate_there,
    const float* clipping,
    double beta1,
    double beta2,
    float decay,
    float epsilon,
    u32 decoupled) {
  if (clipping[2] == 0.0f) {
    return;
  }
  chunk part = chunk_of(list, blockIdx.x);
  __shared__ float numbers[2];
  if (threadIdx.x == 0) { // in double, as 1 - beta^step loses digits
    double taken = *list.steps[part.tensor];
    numbers[0] = (float)(*rate_there / (1.0 - pow(beta1, taken)));
    numbers[1] = (float)(1.0 / sqrt(1.0 - pow(beta2, taken)));
  }
  __syncthreads();
  float rate = *rate_there;
  float step = numbers[0];
  float correction = numbers[1];
  float factor = clipping[1];
  float keep1 = (float)(1.0 - beta1);
  float keep2 = (float)beta2;
  float add2 = (float)(1.0 - beta2);
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
    average += keep1 * (gradient - average);
    float square = keep2 * state_to_float(square_averages[i]) + add2 * gradient * gradient;
    value -= step * average / (sqrtf(square) * correction + epsilon);
    averages[i] = to_state(average);
    square_averages[i] = to_state(square);
    parameters[i] = to_element(value);
  }
}
