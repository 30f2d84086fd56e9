package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.natives.NativeTorch;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The generated shims that go straight to the kernels of one backend: no dispatcher, no autograd,
 * no device check. Inputs are borrowed, results are new handles; a C++ {@code Scalar} is a {@code
 * double}. A record, so that the JIT sees through its handles.
 *
 * @param add {@code add_Tensor(self, other, double alpha, T* result)}
 * @param addScalar {@code add_Scalar(self, double other, double alpha, T* result)}
 * @param mulScalar {@code mul_Scalar(self, double other, T* result)}
 * @param powScalar {@code pow_Tensor_Scalar(self, double exponent, T* result)}
 * @param addmm {@code addmm_out(out, self, mat1, mat2, double beta, double alpha)}
 * @param mm {@code mm_out(out, self, mat2)}
 * @param bmm {@code bmm_out(out, self, mat2)}
 * @param baddbmm {@code baddbmm_out(out, self, batch1, batch2, double beta, double alpha)}
 * @param linearPointwise {@code _linear_pointwise(x, w, T* bias, char* attr, double** scalars,
 *     int64 n, char** algorithm, T* result)}: oneDNN's linear with a fused epilogue, CPU only
 */
public record DeviceKernels(
    MethodHandle add,
    MethodHandle addScalar,
    MethodHandle mulScalar,
    MethodHandle powScalar,
    MethodHandle addmm,
    MethodHandle mm,
    MethodHandle bmm,
    MethodHandle baddbmm,
    @Nullable MethodHandle linearPointwise) {

  private static final Downcalls C = new Downcalls(NativeTorch.load().symbols());

  /** The kernels of the CPU. */
  public static final DeviceKernels CPU = bind("aoti_torch_cpu_");

  /**
   * The kernels of CUDA; touching this class on a build without CUDA is an UnsatisfiedLinkError.
   */
  public static final class Cuda {
    public static final DeviceKernels KERNELS = bind("aoti_torch_cuda_");

    private Cuda() {}
  }

  private static DeviceKernels bind(String prefix) {
    return new DeviceKernels(
        C.required(prefix + "add_Tensor", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_DOUBLE, ADDRESS),
        C.required(prefix + "add_Scalar", JAVA_INT, JAVA_LONG, JAVA_DOUBLE, JAVA_DOUBLE, ADDRESS),
        C.required(prefix + "mul_Scalar", JAVA_INT, JAVA_LONG, JAVA_DOUBLE, ADDRESS),
        C.required(prefix + "pow_Tensor_Scalar", JAVA_INT, JAVA_LONG, JAVA_DOUBLE, ADDRESS),
        C.required(
            prefix + "addmm_out",
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_DOUBLE,
            JAVA_DOUBLE),
        C.required(prefix + "mm_out", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG),
        C.required(prefix + "bmm_out", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG),
        C.required(
            prefix + "baddbmm_out",
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_DOUBLE,
            JAVA_DOUBLE),
        C.optional(
            prefix + "_linear_pointwise",
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            ADDRESS,
            ADDRESS,
            ADDRESS,
            JAVA_LONG,
            ADDRESS,
            ADDRESS));
  }

  /** {@code a + alpha * b}, a new handle. */
  public int add(long a, long b, double alpha, MemorySegment out) {
    try {
      return (int) add.invokeExact(a, b, alpha, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** {@code a + alpha * b}, b a number, a new handle. */
  public int addScalar(long a, double b, double alpha, MemorySegment out) {
    try {
      return (int) addScalar.invokeExact(a, b, alpha, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** {@code a * b}, b a number, a new handle. */
  public int mulScalar(long a, double b, MemorySegment out) {
    try {
      return (int) mulScalar.invokeExact(a, b, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** {@code a ^ exponent}, a new handle. */
  public int powScalar(long a, double exponent, MemorySegment out) {
    try {
      return (int) powScalar.invokeExact(a, exponent, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** {@code out = beta * c + alpha * (a @ b)}. */
  public int addmm(long out, long c, long a, long b, double beta, double alpha) {
    try {
      return (int) addmm.invokeExact(out, c, a, b, beta, alpha);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** {@code out = a @ b}, matrices. */
  public int mm(long out, long a, long b) {
    try {
      return (int) mm.invokeExact(out, a, b);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** {@code out = a @ b}, batches of matrices. */
  public int bmm(long out, long a, long b) {
    try {
      return (int) bmm.invokeExact(out, a, b);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** {@code out = beta * c + alpha * (a @ b)}, batches of matrices. */
  public int baddbmm(long out, long c, long a, long b, double beta, double alpha) {
    try {
      return (int) baddbmm.invokeExact(out, c, a, b, beta, alpha);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Whether this build has oneDNN's linear. */
  public boolean hasLinearPointwise() {
    return linearPointwise != null;
  }

  /**
   * oneDNN's {@code f(x @ w^T + bias)}, a new handle; {@code bias} points to a handle or is null.
   */
  public int linearPointwise(
      long x,
      long w,
      MemorySegment bias,
      MemorySegment attribute,
      MemorySegment scalars,
      long scalarCount,
      MemorySegment algorithm,
      MemorySegment out) {
    try {
      return (int)
          linearPointwise.invokeExact(x, w, bias, attribute, scalars, scalarCount, algorithm, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function declared so far. */
  public static Map<String, FunctionDescriptor> declarations() {
    return C.declarations();
  }
}
