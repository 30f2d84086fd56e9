// The gradient of an embedding: rows of g [positions, columns] summed up by the id that they belong
// to. The ids come sorted, with the positions where they stood, so each sum has one order and no two
// blocks write to one row. How many ids differ is nowhere asked for: a recorded graph fits any batch.
#include "jlora.cuh"

// Where id begins to be smaller than those behind it.
__device__ __forceinline__ u32 end_of(const i64* ids, i64 id, u32 low, u32 positions) {
  u32 high = positions;
  while (low < high) {
    u32 middle = low + (high - low) / 2;
    if (ids[middle] <= id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// A block for each position i, and a row of blocks for each THREADS columns. Where an id begins,
// dweight[ids[i]] = sum of g[order[j]] over all j with that id; at other positions, for the padding
// and for what is no row, nothing. The strides of dweight are those of its view as [ids, columns].
extern "C" __global__ void __launch_bounds__(THREADS) embedding_gradient(
    parameter* dweight,
    const element* g,
    const i64* ids,
    const i64* order,
    u32 positions,
    u32 columns,
    u64 rows,
    i64 padding,
    u64 id_stride,
    u64 column_stride) {
  u32 begin = blockIdx.x;
  u32 column = blockIdx.y * THREADS + threadIdx.x;
  i64 id = ids[begin];
  bool first = begin == 0 || ids[begin - 1] != id;
  if (!first || id == padding || (u64)id >= rows || column >= columns) {
    return;
  }
  u32 end = end_of(ids, id, begin, positions);
  float sum = 0;
#pragma unroll 8
  for (u32 i = begin; i < end; i++) {
    sum += to_float(g[(u64)order[i] * columns + column]);
  }
  parameter* to = dweight + (u64)id * id_stride + column * column_stride;
#if defined(PARAMETER_FLOAT32)
  *to = sum;
#else
  *to = to_element(sum);
#endif
}
