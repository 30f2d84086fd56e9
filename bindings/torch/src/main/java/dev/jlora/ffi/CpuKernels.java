// Generated from native/src/main/c/jlora_torch.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** The CPU kernels. */
final class CpuKernels implements DeviceKernels {
  private static final Downcalls C =
      Downcalls.torch(
          "aoti_torch_cpu_add_Tensor",
          "aoti_torch_cpu_add_Scalar",
          "aoti_torch_cpu_mul_Scalar",
          "aoti_torch_cpu_pow_Tensor_Scalar",
          "aoti_torch_cpu_mm_out",
          "aoti_torch_cpu_bmm_out",
          "aoti_torch_cpu_addmm_out",
          "aoti_torch_cpu_baddbmm_out");

  CpuKernels() {}

  private static final class Add {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_DOUBLE, ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch_cpu_add_Tensor", DESCRIPTOR);
  }

  /**
   * a + alpha b, in a new tensor.
   *
   * <pre>{@code
   * int32_t aoti_torch_cpu_add_Tensor(jlora_tensor a, jlora_tensor b, double alpha,
   *                                   jlora_tensor *result);
   * }</pre>
   */
  @Override
  public int add(long a, long b, double alpha, MemorySegment result) {
    try {
      return (int) Add.HANDLE.invokeExact(a, b, alpha, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class AddScalar {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_DOUBLE, JAVA_DOUBLE, ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch_cpu_add_Scalar", DESCRIPTOR);
  }

  /**
   * a + alpha b for a scalar b, in a new tensor.
   *
   * <pre>{@code
   * int32_t aoti_torch_cpu_add_Scalar(jlora_tensor a, double b, double alpha, jlora_tensor *result);
   * }</pre>
   */
  @Override
  public int addScalar(long a, double b, double alpha, MemorySegment result) {
    try {
      return (int) AddScalar.HANDLE.invokeExact(a, b, alpha, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class MulScalar {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_DOUBLE, ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch_cpu_mul_Scalar", DESCRIPTOR);
  }

  /**
   * a b for a scalar b, in a new tensor.
   *
   * <pre>{@code
   * int32_t aoti_torch_cpu_mul_Scalar(jlora_tensor a, double b, jlora_tensor *result);
   * }</pre>
   */
  @Override
  public int mulScalar(long a, double b, MemorySegment result) {
    try {
      return (int) MulScalar.HANDLE.invokeExact(a, b, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class PowScalar {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_DOUBLE, ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch_cpu_pow_Tensor_Scalar", DESCRIPTOR);
  }

  /**
   * a to the power of a scalar b, in a new tensor.
   *
   * <pre>{@code
   * int32_t aoti_torch_cpu_pow_Tensor_Scalar(jlora_tensor a, double b, jlora_tensor *result);
   * }</pre>
   */
  @Override
  public int powScalar(long a, double b, MemorySegment result) {
    try {
      return (int) PowScalar.HANDLE.invokeExact(a, b, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Mm {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    static final MethodHandle HANDLE = C.required("aoti_torch_cpu_mm_out", DESCRIPTOR);
  }

  /**
   * out = a b, of matrices.
   *
   * <pre>{@code
   * int32_t aoti_torch_cpu_mm_out(jlora_tensor out, jlora_tensor a, jlora_tensor b);
   * }</pre>
   */
  @Override
  public int mm(long out, long a, long b) {
    try {
      return (int) Mm.HANDLE.invokeExact(out, a, b);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Bmm {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    static final MethodHandle HANDLE = C.required("aoti_torch_cpu_bmm_out", DESCRIPTOR);
  }

  /**
   * out = a b, of batches of matrices.
   *
   * <pre>{@code
   * int32_t aoti_torch_cpu_bmm_out(jlora_tensor out, jlora_tensor a, jlora_tensor b);
   * }</pre>
   */
  @Override
  public int bmm(long out, long a, long b) {
    try {
      return (int) Bmm.HANDLE.invokeExact(out, a, b);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Addmm {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(
            JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_DOUBLE, JAVA_DOUBLE);
    static final MethodHandle HANDLE = C.required("aoti_torch_cpu_addmm_out", DESCRIPTOR);
  }

  /**
   * out = beta c + alpha a b, of matrices.
   *
   * <pre>{@code
   * int32_t aoti_torch_cpu_addmm_out(jlora_tensor out, jlora_tensor c, jlora_tensor a, jlora_tensor b,
   *                                  double beta, double alpha);
   * }</pre>
   */
  @Override
  public int addmm(long out, long c, long a, long b, double beta, double alpha) {
    try {
      return (int) Addmm.HANDLE.invokeExact(out, c, a, b, beta, alpha);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Baddbmm {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(
            JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_DOUBLE, JAVA_DOUBLE);
    static final MethodHandle HANDLE = C.required("aoti_torch_cpu_baddbmm_out", DESCRIPTOR);
  }

  /**
   * out = beta c + alpha a b, of batches of matrices.
   *
   * <pre>{@code
   * int32_t aoti_torch_cpu_baddbmm_out(jlora_tensor out, jlora_tensor c, jlora_tensor a,
   *                                    jlora_tensor b, double beta, double alpha);
   * }</pre>
   */
  @Override
  public int baddbmm(long out, long c, long a, long b, double beta, double alpha) {
    try {
      return (int) Baddbmm.HANDLE.invokeExact(out, c, a, b, beta, alpha);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class LinearPointwise {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(
            JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
    static final @Nullable MethodHandle HANDLE =
        C.optional("aoti_torch_cpu__linear_pointwise", DESCRIPTOR);
  }

  /** Whether the library has {@link #linearPointwise}. */
  @Override
  public boolean hasLinearPointwise() {
    return LinearPointwise.HANDLE != null;
  }

  /**
   * oneDNN's f(x transpose(w) + bias), in a new tensor. attribute names the function f ("none",
   * "relu", "gelu", ...), scalars has its parameters, algorithm selects the variant of gelu. bias
   * and algorithm may be null. Some builds lack it.
   *
   * <pre>{@code
   * int32_t aoti_torch_cpu__linear_pointwise(jlora_tensor x, jlora_tensor w, jlora_tensor *bias,
   *                                          const char *attribute, const double **scalars,
   *                                          int64_t scalar_count, const char **algorithm,
   *                                          jlora_tensor *result);
   * }</pre>
   */
  @Override
  public int linearPointwise(
      long x,
      long w,
      MemorySegment bias,
      MemorySegment attribute,
      MemorySegment scalars,
      long scalarCount,
      MemorySegment algorithm,
      MemorySegment result) {
    try {
      return (int)
          LinearPointwise.HANDLE.invokeExact(
              x, w, bias, attribute, scalars, scalarCount, algorithm, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
