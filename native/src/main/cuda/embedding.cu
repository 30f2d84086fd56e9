// The gradient of an embedding: rows of g [positions, columns] summed up by the id that they belong
// to. The host sorts the positions by id, so each sum has one order and no two blocks write to one
// row.
#include "jlora.cuh"

// A block for each distinct id: dweight[ids[b]] = sum of g[order[i]] for i from starts[b] to
// starts[b + 1] - 1. The strides of dweight are those of its view as [ids, columns]. Rows whose id
// does not occur are left alone.
extern "C" __global__ void __launch_bounds__(THREADS) embedding_gradient(
    parameter* dweight,
    const element* g,
    const u32* ids,
    const u32* starts,
    const u32* order,
    u32 columns,
    u64 id_stride,
    u64 column_stride) {
  u32 begin = starts[blockIdx.x];
  u32 end = starts[blockIdx.x + 1];
  parameter* to = dweight + ids[blockIdx.x] * id_stride;
  for (u32 column = threadIdx.x; column < columns; column += THREADS) {
    float sum = 0;
    for (u32 i = begin; i < end; i++) {
      sum += to_float(g[(u64)order[i] * columns + column]);
    }
#if defined(PARAMETER_FLOAT32)
    to[column * column_stride] = sum;
#else
    to[column * column_stride] = to_element(sum);
#endif
  }
}
