package dev.jlora.cuda.blas;

import static dev.jlora.ffi.cuda.CudaValues.CUBLAS_COMPUTE_32F;
import static dev.jlora.ffi.cuda.CudaValues.CUBLAS_COMPUTE_32F_FAST_TF32;
import static dev.jlora.ffi.cuda.CudaValues.CUDA_R_16BF;
import static dev.jlora.ffi.cuda.CudaValues.CUDA_R_16F;
import static dev.jlora.ffi.cuda.CudaValues.CUDA_R_32F;

import dev.jlora.tensor.DType;

/**
 * Number types of a product. Sums, alpha and beta are always float.
 *
 * @param dtype of all matrices
 * @param dataType cuBLAS's code for it
 * @param computeType cuBLAS's code for the accumulation
 */
public record Precision(DType dtype, int dataType, int computeType) {
  /** Type of alpha and beta. */
  public static final int SCALE_TYPE = CUDA_R_32F;

  /**
   * The precision for a dtype.
   *
   * @param tf32 whether FLOAT32 factors may be rounded to 10 bits of mantissa
   * @throws IllegalArgumentException unless FLOAT32, BFLOAT16 or FLOAT16
   */
  public static Precision of(DType dtype, boolean tf32) {
    boolean fast = tf32 && dtype == DType.FLOAT32;
    return new Precision(
        dtype, dataType(dtype), fast ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F);
  }

  /** cuBLAS's code for a dtype. */
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
