// out = addend + mask * x * factor, where addend may be absent and out may be x or addend.
#include "jlora.cuh"

// A thread for each counter of the tiles that the elements fill; eight elements each.
extern "C" __global__ void __launch_bounds__(THREADS) dropout(
    element* out,
    const element* x,
    const element* addend,
    u64 count,
    u64 seed,
    u64 first_counter,
    const u64* origin,
    u32 keep,
    float factor) {
  u64 index = (u64)blockIdx.x * THREADS + threadIdx.x;
  u64 start = index / COUNTERS * TILE;
  if (start >= count) {
    return;
  }
  u32 bits = kept_bits(threefry(counter_from(origin, first_counter) + index, seed), keep);
#if defined(ELEMENT_BFLOAT16)
  // One word decides a pair, which is loaded at once unless a tensor begins at an odd element.
  bool aligned = (((u64)out | (u64)x | (u64)addend) & 3u) == 0;
#pragma unroll
  for (u32 k = 0; k < 4; k++) {
    u64 at = start + k * 2 * COUNTERS + index % COUNTERS * 2;
    if (aligned && at + 1 < count) {
      vector<element, 2> values = load<2>(x + at);
      vector<element, 2> sums = addend ? load<2>(addend + at) : vector<element, 2>();
#pragma unroll
      for (u32 half = 0; half < 2; half++) {
        float value = masked(to_float(values.at[half]), (bits >> (2 * k + half)) & 1u, factor);
        value = addend ? __fadd_rn(value, to_float(sums.at[half])) : value;
        values.at[half] = to_element(value);
      }
      store<2>(out + at, values);
    } else {
#pragma unroll
      for (u32 half = 0; half < 2; half++) {
        if (at + half < count) {
          float value = masked(to_float(x[at + half]), (bits >> (2 * k + half)) & 1u, factor);
          value = addend ? __fadd_rn(value, to_float(addend[at + half])) : value;
          out[at + half] = to_element(value);
        }
      }
    }
  }
#else
#pragma unroll
  for (u32 k = 0; k < 8; k++) {
    u64 at = start + k * COUNTERS + index % COUNTERS;
    if (at < count) {
      float value = masked(to_float(x[at]), (bits >> k) & 1u, factor);
      out[at] = to_element(addend ? __fadd_rn(value, to_float(addend[at])) : value);
    }
  }
#endif
}
