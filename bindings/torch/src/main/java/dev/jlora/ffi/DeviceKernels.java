package dev.jlora.ffi;

import java.lang.foreign.MemorySegment;

/**
 * The shims that go straight to the kernels of one backend: no dispatcher, no autograd, no device
 * check. Inputs are borrowed, results are new handles; a C++ {@code Scalar} is a {@code double}.
 * What is returned is 0 for success. Both implementations are generated from the header, so a
 * kernel has one signature on both devices.
 */
public sealed interface DeviceKernels permits CpuKernels, CudaKernels {
  /** The kernels of the CPU. */
  DeviceKernels CPU = new CpuKernels();

  /**
   * The kernels of CUDA; touching this class on a build without CUDA is an UnsatisfiedLinkError.
   */
  final class Cuda {
    public static final DeviceKernels KERNELS = new CudaKernels();

    private Cuda() {}
  }

  /** {@code a + alpha * b}, a new handle. */
  int add(long a, long b, double alpha, MemorySegment out);

  /** {@code a + alpha * b}, b a number, a new handle. */
  int addScalar(long a, double b, double alpha, MemorySegment out);

  /** {@code a * b}, b a number, a new handle. */
  int mulScalar(long a, double b, MemorySegment out);

  /** {@code a ^ exponent}, a new handle. */
  int powScalar(long a, double exponent, MemorySegment out);

  /** {@code out = beta * c + alpha * (a @ b)}. */
  int addmm(long out, long c, long a, long b, double beta, double alpha);

  /** {@code out = a @ b}, matrices. */
  int mm(long out, long a, long b);

  /** {@code out = a @ b}, batches of matrices. */
  int bmm(long out, long a, long b);

  /** {@code out = beta * c + alpha * (a @ b)}, batches of matrices. */
  int baddbmm(long out, long c, long a, long b, double beta, double alpha);

  /** Whether this build has oneDNN's linear; it is for the CPU alone. */
  default boolean hasLinearPointwise() {
    return false;
  }

  /**
   * oneDNN's {@code f(x @ w^T + bias)}, a new handle; {@code bias} points to a handle or is null.
   */
  default int linearPointwise(
      long x,
      long w,
      MemorySegment bias,
      MemorySegment attribute,
      MemorySegment scalars,
      long scalarCount,
      MemorySegment algorithm,
      MemorySegment out) {
    throw new UnsupportedOperationException("oneDNN has no linear for this device");
  }
}
