package dev.jlora.cuda.blas;

import static dev.jlora.ffi.cuda.CudaValues.CUBLAS_COMPUTE_32F;
import static dev.jlora.ffi.cuda.CudaValues.CUBLAS_COMPUTE_32F_FAST_TF32;
import static dev.jlora.ffi.cuda.CudaValues.CUDA_R_16BF;
import static dev.jlora.ffi.cuda.CudaValues.CUDA_R_16F;
import static dev.jlora.ffi.cuda.CudaValues.CUDA_R_32F;

import dev.jlora.tensor.DType;

/**
 * The numbers of a product. Sums are float in any case, and so are alpha and beta.
 *
 * @param dtype of all matrices
 * @param dataType cuBLAS's code of it
 * @param computeType cuBLAS's code of how products are summed up
 */
public record Precision(DType dtype, int dataType, int computeType) {
  /** What alpha and beta are. */
  public static final int SCALE_TYPE = CUDA_R_32F;

  /**
   * For a dtype.
   *
   * @param tf32 whether FLOAT32 may be multiplied with 10 bits behind the point
   * @throws IllegalArgumentException unless FLOAT32, BFLOAT16 or FLOAT16
   */
  public static Precision of(DType dtype, boolean tf32) {
    boolean fast = tf32 && dtype == DType.FLOAT32;
    return new Precision(
        dtype, dataType(dtype), fast ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F);
  }

  /** cuBLAS's code of a dtype. */
  static int dataType(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> CUDA_R_32F;
      case BFLOAT16 -> CUDA_R_16BF;
      case FLOAT16 -> CUDA_R_16F;
      default ->
          throw new IllegalArgumentException(
              "product: got %s, expected FLOAT32, BFLOAT16 or FLOAT16".formatted(dtype));
    };
  }
}
