// What all kernels share: element types, vectors of them, reductions, the random numbers of dropout.
//
// Compiled by NVRTC without any header but this one. Defined from outside, one of
//   ELEMENT_FLOAT32, ELEMENT_BFLOAT16, ELEMENT_FLOAT16   the type of activations
// and, where a kernel says so,
//   PARAMETER_FLOAT32   parameters of norms are float although the elements are not
//   VECTOR              elements that one thread loads at once; divides COLUMNS
//   COLUMNS             the length of a row
//   THREADS             threads of a block
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

#define FULL_WARP 0xffffffffu
#define WARP 32

// ---- Elements: in memory as they are, in registers always float --------------------------------

#if defined(ELEMENT_FLOAT32)

typedef float element;
__device__ __forceinline__ float to_float(element x) { return x; }
__device__ __forceinline__ element to_element(float x) { return x; }

#elif defined(ELEMENT_BFLOAT16)

struct element {
  u16 bits;
};

__device__ __forceinline__ float to_float(element x) { return __uint_as_float((u32)x.bits << 16); }

// To nearest even; not-a-number stays one.
__device__ __forceinline__ element to_element(float x) {
  element result;
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(result.bits) : "f"(x));
#else
  u32 bits = __float_as_uint(x);
  u32 rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  result.bits = (bits & 0x7fffffffu) > 0x7f800000u ? (u16)0x7fff : (u16)rounded;
#endif
  return result;
}

#elif defined(ELEMENT_FLOAT16)

struct element {
  u16 bits;
};

#if defined(__CUDA_ARCH__)
__device__ __forceinline__ float to_float(element x) {
  float result;
  asm("cvt.f32.f16 %0, %1;" : "=f"(result) : "h"(x.bits));
  return result;
}

__device__ __forceinline__ element to_element(float x) {
  element result;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(result.bits) : "f"(x));
  return result;
}
#else
__device__ float to_float(element x);
__device__ element to_element(float x);
#endif

#else
#error "define ELEMENT_FLOAT32, ELEMENT_BFLOAT16 or ELEMENT_FLOAT16"
#endif

// What a value is after a trip through memory.
__device__ __forceinline__ float rounded(float x) { return to_float(to_element(x)); }

#if defined(PARAMETER_FLOAT32)
typedef float parameter;
__device__ __forceinline__ float parameter_to_float(float x) { return x; }
#else
typedef element parameter;
__device__ __forceinline__ float parameter_to_float(element x) { return to_float(x); }
#endif

// ---- Vectors: one load or store of N elements --------------------------------------------------

template <typename T, int N>
struct alignas(sizeof(T) * N) vector {
  T at[N];
};

template <int N, typename T>
__device__ __forceinline__ vector<T, N> load(const T* from) {
  return *reinterpret_cast<const vector<T, N>*>(from);
}

template <int N, typename T>
__device__ __forceinline__ void store(T* to, const vector<T, N>& values) {
  *reinterpret_cast<vector<T, N>*>(to) = values;
}

// VECTOR parameters of a norm or a bias from a column on; all the same number where there are none.
template <int N>
__device__ __forceinline__ vector<float, N> load_parameters(
    const parameter* from, u32 column, float absent) {
  vector<float, N> result;
  vector<parameter, N> read;
  if (from) {
    read = load<N>(from + column);
  }
#pragma unroll
  for (int i = 0; i < N; i++) {
    result.at[i] = from ? parameter_to_float(read.at[i]) : absent;
  }
  return result;
}

// ---- Sums and maxima, always in the same order -------------------------------------------------

__device__ __forceinline__ float warp_sum(float value) {
#pragma unroll
  for (int lane = WARP / 2; lane > 0; lane /= 2) {
    value += __shfl_xor_sync(FULL_WARP, value, lane);
  }
  return value;
}

// The sum over a block of whole warps, for every thread; scratch holds one float a warp.
__device__ __forceinline__ float block_sum(float value, float* scratch) {
  value = warp_sum(value);
  __syncthreads();
  if (threadIdx.x % WARP == 0) {
    scratch[threadIdx.x / WARP] = value;
  }
  __syncthreads();
  float sum = 0;
  for (u32 warp = 0; warp < blockDim.x / WARP; warp++) {
    sum += scratch[warp];
  }
  return sum;
}

// ---- Dropout: the mask is a function of seed, position and width alone, as on the CPU ----------

// Threefry-4x32 with twelve rounds (Salmon et al., 2011). A tile is 1024 counters, and decides 8192
// elements with 16 bits each.
#define COUNTERS 1024u
#define TILE 8192u

struct words {
  u32 at[4];
};

template <int BY>
__device__ __forceinline__ u32 rotate(u32 x) {
  return (x << BY) | (x >> (32 - BY));
}

template <int A, int B, int C, int D>
__device__ __forceinline__ void two_rounds(words& x) {
  x.at[0] += x.at[1];
  x.at[1] = rotate<A>(x.at[1]) ^ x.at[0];
  x.at[2] += x.at[3];
  x.at[3] = rotate<B>(x.at[3]) ^ x.at[2];
  x.at[0] += x.at[3];
  x.at[2] += x.at[1];
  x.at[1] = rotate<C>(x.at[1]) ^ x.at[2];
  x.at[3] = rotate<D>(x.at[3]) ^ x.at[0];
}

__device__ __forceinline__ words threefry(u64 counter, u64 seed) {
  u32 k0 = (u32)seed;
  u32 k1 = (u32)(seed >> 32);
  u32 k4 = 0x1bd11bdau ^ k0 ^ k1;
  words x = {{(u32)counter + k0, (u32)(counter >> 32) + k1, 0u, 0u}};
  two_rounds<10, 26, 21, 11>(x);
  two_rounds<13, 27, 5, 23>(x);
  x.at[0] += k1;
  x.at[3] += k4 + 1u;
  two_rounds<6, 20, 11, 17>(x);
  two_rounds<25, 10, 20, 18>(x);
  x.at[1] += 0u;
  x.at[2] += k4;
  x.at[3] += k0 + 2u;
  two_rounds<10, 26, 21, 11>(x);
  two_rounds<13, 27, 5, 23>(x);
  x.at[1] += k4;
  x.at[2] += k0;
  x.at[3] += k1 + 3u;
  return x;
}

// A recorded step counts from a position in device memory, which is set before each run of it.
__device__ __forceinline__ u64 counter_from(const u64* origin, u64 first_counter) {
  return origin ? first_counter + *origin / TILE * COUNTERS : first_counter;
}

// Bit k tells whether element k of the eight of a counter is kept: k = 2 * word + half.
__device__ __forceinline__ u32 kept_bits(const words& x, u32 keep) {
  u32 bits = 0;
#pragma unroll
  for (int word = 0; word < 4; word++) {
    bits |= (u32)((x.at[word] & 0xffffu) < keep) << (2 * word);
    bits |= (u32)((x.at[word] >> 16) < keep) << (2 * word + 1);
  }
  return bits;
}

// Which counter of its tile, and which of its eight bits, decides element j of a tile. As on the
// CPU, bfloat16 is taken in pairs and everything else one by one.
#if defined(ELEMENT_BFLOAT16)
__device__ __forceinline__ u32 counter_of(u32 j) { return (j / 2) % COUNTERS; }
__device__ __forceinline__ u32 bit_of(u32 j) { return j / 2 / COUNTERS * 2 + j % 2; }
#define IN_A_ROW 2u
#else
__device__ __forceinline__ u32 counter_of(u32 j) { return j % COUNTERS; }
__device__ __forceinline__ u32 bit_of(u32 j) { return j / COUNTERS; }
#define IN_A_ROW 1u
#endif

// kept * x * factor, rounded, and with the sign of a dropped zero, as on the CPU.
__device__ __forceinline__ float masked(float x, u32 kept, float factor) {
#if defined(ELEMENT_BFLOAT16)
  return kept ? __fmul_rn(x, factor) : 0.0f;
#else
  return __fmul_rn(x, kept ? factor : 0.0f);
#endif
}

// The mask of the elements from begin to end - 1, one byte a counter, made by a whole block in
// shared memory: each counter is computed once for its eight elements, which lie far apart.
struct block_mask {
  u8* bytes;
  u64 first_tile;

  __device__ __forceinline__ void make(
      u64 begin, u64 end, u64 seed, u64 first_counter, u32 keep) {
    first_tile = begin / TILE;
    u32 tiles = (u32)((end - 1) / TILE - first_tile + 1);
    for (u32 index = threadIdx.x; index < tiles * COUNTERS; index += blockDim.x) {
      u64 tile = first_tile + index / COUNTERS;
      u64 start = tile * TILE;
      u32 low = begin > start ? (u32)(begin - start) : 0u;
      u32 high = end - start < TILE ? (u32)(end - start) : TILE;
      u32 first = low / IN_A_ROW;
      u32 needed = (high + IN_A_ROW - 1) / IN_A_ROW - first;
      u32 counter = index % COUNTERS;
      if (needed >= COUNTERS || (counter - first) % COUNTERS < needed) {
        words random = threefry(first_counter + tile * COUNTERS + counter, seed);
        bytes[index] = (u8)kept_bits(random, keep);
      }
    }
  }

  // 1 for kept, 0 for dropped.
  __device__ __forceinline__ u32 at(u64 position) const {
    u32 j = (u32)(position % TILE);
    u32 byte = (u32)(position / TILE - first_tile) * COUNTERS + counter_of(j);
    return (bytes[byte] >> bit_of(j)) & 1u;
  }
};
