// Layer norm of residual + mask * x * scale over rows of COLUMNS elements, and its backward.
//
// ROW_THREADS threads share a row, which stays in their registers: 32, with several rows in a block
// at once, or all THREADS of the block.
#include "jlora.cuh"

#define GROUPS (THREADS / ROW_THREADS)
#define VECTORS ((COLUMNS / VECTOR + ROW_THREADS - 1) / ROW_THREADS)

extern __shared__ u8 mask_bytes[];

__device__ __forceinline__ float row_sum(float value) {
#if ROW_THREADS == WARP
  return warp_sum(value);
#else
  __shared__ float scratch[THREADS / WARP];
  return block_sum(value, scratch);
#endif
}

// y = norm(sum) * weight + bias with sum = residual + mask * x * scale. Where residual is absent
// and keep is 65536 the sum is x itself, and total may be absent.
extern "C" __global__ void __launch_bounds__(THREADS) dropout_add_layer_norm(
    element* y,
    element* total,
    float* means,
    float* rstds,
    const element* x,
    const element* residual,
    const parameter* weight,
    const parameter* bias,
    u64 rows,
    u32 block_rows,
    float eps,
    u64 seed,
    u64 first_counter,
    const u64* origin,
    u32 keep,
    float scale) {
  u64 first_row = (u64)blockIdx.x * block_rows;
  u64 end_row = first_row + block_rows < rows ? first_row + block_rows : rows;
  bool dropping = keep < 65536u;
  block_mask mask = {mask_bytes, 0};
  if (dropping) {
    mask.make(
        first_row * COLUMNS, end_row * COLUMNS, seed, counter_from(origin, first_counter), keep);
    __syncthreads();
  }
  u32 thread = threadIdx.x % ROW_THREADS;
  for (u64 row = first_row + threadIdx.x / ROW_THREADS; row < end_row; row += GROUPS) {
    float values[VECTORS][VECTOR];
    float sum = 0;
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
      u32 column = (v * ROW_THREADS + thread) * VECTOR;
      if (column < COLUMNS) {
        u64 at = row * COLUMNS + column;
        vector<element, VECTOR> from = load<VECTOR>(x + at);
        vector<element, VECTOR> plus;
        if (residual) {
          plus = load<VECTOR>(residual + at);
        }
#pragma unroll
        for (int i = 0; i < VECTOR; i++) {
          float value = to_float(from.at[i]);
          if (dropping) {
            value = masked(value, mask.at(at + i), scale);
          }
          if (residual) {
            value = __fadd_rn(value, to_float(plus.at[i]));
          }
          from.at[i] = to_element(value);
          values[v][i] = to_float(from.at[i]);
          sum += values[v][i];
        }
        if (total) {
          store<VECTOR>(total + at, from);
        }
      }
    }
    float mean = row_sum(sum) / COLUMNS;
    float squares = 0;
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
      if ((v * ROW_THREADS + thread) * VECTOR < COLUMNS) {
#pragma unroll
        for (int i = 0; i < VECTOR; i++) {
          float difference = values[v][i] - mean;
          squares += difference * difference;
        }
      }
    }
    float rstd = 1.0f / sqrtf(row_sum(squares) / COLUMNS + eps);
    if (thread == 0) {
      means[row] = mean;
      rstds[row] = rstd;
    }
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
      u32 column = (v * ROW_THREADS + thread) * VECTOR;
      if (column < COLUMNS) {
        vector<float, VECTOR> w = load_parameters<VECTOR>(weight, column, 1.0f);
        vector<float, VECTOR> b = load_parameters<VECTOR>(bias, column, 0.0f);
        vector<element, VECTOR> to;
#pragma unroll
        for (int i = 0; i < VECTOR; i++) {
          to.at[i] = to_element((values[v][i] - mean) * rstd * w.at[i] + b.at[i]);
        }
        store<VECTOR>(y + row * COLUMNS + column, to);
      }
    }
  }
}

// The gradient of the sum, of x (masked and scaled), and, summed over the rows of each group, of
// weight and bias: dweights and dbiases are [blocks * GROUPS, COLUMNS]. Each may be absent.
extern "C" __global__ void __launch_bounds__(THREADS) dropout_add_layer_norm_backward(
    element* dsum,
    element* dx,
    float* dweights,
    float* dbiases,
    const element* g,
    const element* total,
    const float* means,
    const float* rstds,
    const parameter* weight,
    u64 rows,
    u32 block_rows,
    u64 seed,
    u64 first_counter,
    const u64* origin,
    u32 keep,
    float scale) {
  u64 first_row = (u64)blockIdx.x * block_rows;
  u64 end_row = first_row + block_rows < rows ? first_row + block_rows : rows;
  bool dropping = keep < 65536u && dx;
  block_mask mask = {mask_bytes, 0};
  if (dropping) {
    mask.make(
        first_row * COLUMNS, end_row * COLUMNS, seed, counter_from(origin, first_counter), keep);
    __syncthreads();
  }
  u32 thread = threadIdx.x % ROW_THREADS;
#if defined(PARAMETER_GRADIENTS)
  float weight_sums[VECTORS][VECTOR] = {};
  float bias_sums[VECTORS][VECTOR] = {};
#endif
  for (u64 row = first_row + threadIdx.x / ROW_THREADS; row < end_row; row += GROUPS) {
    float normal[VECTORS][VECTOR];
    float weighted[VECTORS][VECTOR];
    float mean = means[row];
    float rstd = rstds[row];
    float sum = 0;
    float product = 0;
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
      u32 column = (v * ROW_THREADS + thread) * VECTOR;
      if (column < COLUMNS) {
        u64 at = row * COLUMNS + column;
        vector<element, VECTOR> values = load<VECTOR>(total + at);
        vector<element, VECTOR> gradients = load<VECTOR>(g + at);
        vector<float, VECTOR> w = load_parameters<VECTOR>(weight, column, 1.0f);
#pragma unroll
        for (int i = 0; i < VECTOR; i++) {
          float gradient = to_float(gradients.at[i]);
          normal[v][i] = (to_float(values.at[i]) - mean) * rstd;
          weighted[v][i] = gradient * w.at[i];
          sum += weighted[v][i];
          product += weighted[v][i] * normal[v][i];
#if defined(PARAMETER_GRADIENTS)
          weight_sums[v][i] += gradient * normal[v][i];
          bias_sums[v][i] += gradient;
#endif
        }
      }
    }
    sum = row_sum(sum) / COLUMNS;
    product = row_sum(product) / COLUMNS;
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
      u32 column = (v * ROW_THREADS + thread) * VECTOR;
      if (column < COLUMNS) {
        u64 at = row * COLUMNS + column;
        vector<element, VECTOR> to;
#pragma unroll
        for (int i = 0; i < VECTOR; i++) {
          to.at[i] = to_element((weighted[v][i] - sum - normal[v][i] * product) * rstd);
        }
        if (dsum) {
          store<VECTOR>(dsum + at, to);
        }
        if (dx) {
          if (dropping) {
#pragma unroll
            for (int i = 0; i < VECTOR; i++) {
              to.at[i] = to_element(masked(to_float(to.at[i]), mask.at(at + i), scale));
            }
          }
          store<VECTOR>(dx + at, to);
        }
      }
    }
  }
#if defined(PARAMETER_GRADIENTS)
  u64 group = (u64)blockIdx.x * GROUPS + threadIdx.x / ROW_THREADS;
#pragma unroll
  for (int v = 0; v < VECTORS; v++) {
    u32 column = (v * ROW_THREADS + thread) * VECTOR;
    if (column < COLUMNS) {
#pragma unroll
      for (int i = 0; i < VECTOR; i++) {
        dweights[group * COLUMNS + column + i] = weight_sums[v][i];
        dbiases[group * COLUMNS + column + i] = bias_sums[v][i];
      }
    }
  }
#endif
}
