// Sums of columns, in two steps and always in the same order.
#include "jlora.cuh"

// partial [blocks of rows, columns] = sums over block_rows rows of x [rows, columns] each.
extern "C" __global__ void __launch_bounds__(THREADS) column_partials(
    float* partial, const element* x, u64 rows, u32 columns, u32 block_rows) {
  u32 column = blockIdx.x * THREADS + threadIdx.x;
  u64 first = (u64)blockIdx.y * block_rows;
  u64 end = first + block_rows < rows ? first + block_rows : rows;
  if (column < columns) {
    float sum = 0;
    for (u64 row = first; row < end; row++) {
      sum += to_float(x[row * columns + column]);
    }
    partial[(u64)blockIdx.y * columns + column] = sum;
  }
}

// out [columns] = sums of partial [rows, columns], in the type of parameters.
extern "C" __global__ void __launch_bounds__(THREADS) column_sums(
    parameter* out, const float* partial, u32 rows, u32 columns) {
  u32 column = blockIdx.x * THREADS + threadIdx.x;
  if (column < columns) {
    float sum = 0;
    for (u32 row = 0; row < rows; row++) {
      sum += partial[(u64)row * columns + column];
    }
#if defined(PARAMETER_FLOAT32)
    out[column] = sum;
#else
    out[column] = to_element(sum);
#endif
  }
}
