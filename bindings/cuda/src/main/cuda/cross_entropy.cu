// Cross-entropy of logits [rows, columns] against labels [rows], with label smoothing, and its
// backward. Rows whose label is ignore_index count for nothing; a label outside of the columns
// makes the loss not a number.
#include "jlora.cuh"

#define NOT_A_NUMBER __uint_as_float(0x7fc00000u)
#define MINUS_INFINITY __uint_as_float(0xff800000u)

// exp(x - maximum) summed up, for a maximum that may still grow.
struct exponential_sum {
  float maximum;
  float sum;

  __device__ __forceinline__ void add(float other_maximum, float other_sum) {
    // not fmaxf, which would pass over what is not a number
    bool stays = maximum > other_maximum || maximum != maximum;
    float top = stays ? maximum : other_maximum;
    if (top != MINUS_INFINITY) {
      sum = sum * expf(maximum - top) + other_sum * expf(other_maximum - top);
    }
    maximum = top;
  }
};

// One block a row. log_sums [rows] = log(sum(exp(x))), losses [rows] = (1 - s) * (log_sum -
// x[label]) + s * (log_sum - mean(x)).
extern "C" __global__ void __launch_bounds__(THREADS) cross_entropy(
    float* losses,
    float* log_sums,
    const element* logits,
    const i64* labels,
    u32 columns,
    i64 ignore_index,
    float smoothing) {
  __shared__ float scratch[THREADS / WARP];
  __shared__ float maxima[THREADS / WARP];
  u64 row = blockIdx.x;
  const element* x = logits + row * columns;
  exponential_sum total = {MINUS_INFINITY, 0.0f};
  float plain = 0;
  for (u32 column = threadIdx.x; column < columns; column += THREADS) {
    float value = to_float(x[column]);
    total.add(value, 1.0f);
    plain += value;
  }
#pragma unroll
  for (int lane = WARP / 2; lane > 0; lane /= 2) {
    float other_maximum = __shfl_xor_sync(FULL_WARP, total.maximum, lane);
    float other_sum = __shfl_xor_sync(FULL_WARP, total.sum, lane);
    total.add(other_maximum, other_sum);
  }
  if (threadIdx.x % WARP == 0) {
    maxima[threadIdx.x / WARP] = total.maximum;
    scratch[threadIdx.x / WARP] = total.sum;
  }
  __syncthreads();
  total.maximum = MINUS_INFINITY;
  total.sum = 0;
  for (u32 warp = 0; warp < THREADS / WARP; warp++) {
    total.add(maxima[warp], scratch[warp]);
  }
  plain = block_sum(plain, scratch);
  if (threadIdx.x == 0) {
    float log_sum = total.maximum + logf(total.sum);
    i64 label = labels[row];
    float loss = 0;
    if (label != ignore_index) {
      bool known = label >= 0 && label < columns;
      float hit = known ? log_sum - to_float(x[label]) : NOT_A_NUMBER;
      loss = hit;
      if (smoothing != 0) {
        loss = (1.0f - smoothing) * hit + smoothing * (log_sum - plain / columns);
      }
    }
    log_sums[row] = log_sum;
    losses[row] = loss;
  }
}

// One block: loss = the mean over the rows that count, counted = how many those are.
extern "C" __global__ void __launch_bounds__(THREADS) mean_loss(
    float* loss, float* counted, const float* losses, const i64* labels, u32 rows, i64 ignore_index) {
  __shared__ float scratch[THREADS / WARP];
  float sum = 0;
  float count = 0;
  for (u32 row = threadIdx.x; row < rows; row += THREADS) {
    sum += losses[row];
    count += labels[row] == ignore_index ? 0.0f : 1.0f;
  }
  sum = block_sum(sum, scratch);
  count = block_sum(count, scratch);
  if (threadIdx.x == 0) {
    *loss = sum / count;
    *counted = count;
  }
}

// dlogits = (softmax - (1 - s) onehot - s / columns) * g / counted, 0 in the rows that do not
// count; dlogits may be logits. A row of blocks for each row.
extern "C" __global__ void __launch_bounds__(THREADS) cross_entropy_backward(
    element* dlogits,
    const float* g,
    const float* counted,
    const float* log_sums,
    const element* logits,
    const i64* labels,
    u32 columns,
    i64 ignore_index,
    float smoothing) {
  u64 row = blockIdx.y;
  i64 label = labels[row];
  float share = label == ignore_index ? 0.0f : *g / *counted;
  float log_sum = log_sums[row];
  for (u32 column = blockIdx.x * THREADS + threadIdx.x; column < columns;
       column += gridDim.x * THREADS) {
    u64 at = row * columns + column;
    float gradient = 0;
    if (share != 0) {
      gradient = expf(to_float(logits[at]) - log_sum) - smoothing / columns;
      gradient -= column == label ? 1.0f - smoothing : 0.0f;
      gradient *= share;
    }
    dlogits[at] = to_element(gradient);
  }
}
