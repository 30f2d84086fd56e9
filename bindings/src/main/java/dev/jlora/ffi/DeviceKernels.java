package dev.jlora.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.natives.NativeTorch;
import java.lang.foreign.FunctionDescriptor;
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
 * @param linearBinary {@code _linear_pointwise_binary(x, other, w, T* bias, char* attr, T*
 *     result)}, CPU only
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
    @Nullable MethodHandle linearPointwise,
    @Nullable MethodHandle linearBinary) {

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
            ADDRESS),
        C.optional(
            prefix + "_linear_pointwise_binary",
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            ADDRESS,
            ADDRESS,
            ADDRESS));
  }

  /** Name to signature of every function declared so far. */
  public static Map<String, FunctionDescriptor> declarations() {
    return C.declarations();
  }
}
