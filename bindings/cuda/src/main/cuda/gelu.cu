// gelu(x + bias) over rows of COLUMNS elements, exact or, with GELU_TANH, by the tangent.
#include "jlora.cuh"

#define ROOT_HALF 0.70710678118654752440f
#define ROOT_TWO_OVER_PI 0.79788456080286535588f
#define ROOT_HALF_OVER_PI 0.39894228040143267794f
#define CUBIC 0.044715f

__device__ __forceinline__ float gelu(float x) {
#if defined(GELU_TANH)
  return 0.5f * x * (1.0f + tanhf(ROOT_TWO_OVER_PI * (x + CUBIC * x * x * x)));
#else
  return 0.5f * x * (1.0f + erff(x * ROOT_HALF));
#endif
}

__device__ __forceinline__ float gelu_slope(float x) {
#if defined(GELU_TANH)
  float t = tanhf(ROOT_TWO_OVER_PI * (x + CUBIC * x * x * x));
  float inner = ROOT_TWO_OVER_PI * (1.0f + 3.0f * CUBIC * x * x);
  return 0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * inner;
#else
  return 0.5f * (1.0f + erff(x * ROOT_HALF)) + x * ROOT_HALF_OVER_PI * expf(-0.5f * x * x);
#endif
}

// What the activation sees: as if the sum had been written by the product before.
__device__ __forceinline__ float biased(element x, float bias) {
  return rounded(to_float(x) + bias);
}

// y = gelu(x + bias); bias may be absent, y may be x.
extern "C" __global__ void __launch_bounds__(THREADS) bias_gelu(
    element* y, const element* x, const parameter* bias, u64 vectors) {
  u64 stride = (u64)gridDim.x * THREADS;
  for (u64 v = (u64)blockIdx.x * THREADS + threadIdx.x; v < vectors; v += stride) {
    u32 column = (u32)(v % (COLUMNS / VECTOR)) * VECTOR;
    vector<element, VECTOR> values = load<VECTOR>(x + v * VECTOR);
    vector<float, VECTOR> b = load_parameters<VECTOR>(bias, column, 0.0f);
#pragma unroll
    for (int i = 0; i < VECTOR; i++) {
      values.at[i] = to_element(gelu(biased(values.at[i], b.at[i])));
    }
    store<VECTOR>(y + v * VECTOR, values);
  }
}

// dx = g * gelu'(x + bias), which is the gradient of x and, summed over the rows, of bias; dx may
// be g.
extern "C" __global__ void __launch_bounds__(THREADS) bias_gelu_backward(
    element* dx, const element* g, const element* x, const parameter* bias, u64 vectors) {
  u64 stride = (u64)gridDim.x * THREADS;
  for (u64 v = (u64)blockIdx.x * THREADS + threadIdx.x; v < vectors; v += stride) {
    u32 column = (u32)(v % (COLUMNS / VECTOR)) * VECTOR;
    vector<element, VECTOR> values = load<VECTOR>(x + v * VECTOR);
    vector<float, VECTOR> b = load_parameters<VECTOR>(bias, column, 0.0f);
    vector<element, VECTOR> gradients = load<VECTOR>(g + v * VECTOR);
#pragma unroll
    for (int i = 0; i < VECTOR; i++) {
      float slope = gelu_slope(biased(values.at[i], b.at[i]));
      values.at[i] = to_element(to_float(gradients.at[i]) * slope);
    }
    store<VECTOR>(dx + v * VECTOR, values);
  }
}
