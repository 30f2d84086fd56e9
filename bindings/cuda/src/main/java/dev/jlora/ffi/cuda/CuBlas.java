// Generated from bindings/cuda/src/main/c/jlora_cuda.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/**
 * cuBLAS products of column-major matrices, with libtorch's handle or one of CuBlasHandles. Methods
 * return 0 or an error code.
 */
public final class CuBlas extends BoundLibrary {
  /** Binds against a library, or against whatever else has its functions. */
  public CuBlas(SymbolLookup symbols) {
    super(symbols, Library.BLAS);
  }

  /**
   * Binds against the library of this machine.
   *
   * @throws dev.jlora.natives.NativeLoadException if it is missing
   */
  public static CuBlas load() {
    return new CuBlas(Library.BLAS.symbols());
  }

  private static final FunctionDescriptor GEMM_EX =
      FunctionDescriptor.of(
          JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG,
          JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT,
          JAVA_INT, JAVA_INT);
  private final MethodHandle gemmEx = function("cublasGemmEx", GEMM_EX);

  /**
   * C = alpha op(A) op(B) + beta C, of column-major matrices.
   *
   * <pre>{@code
   * int32_t cublasGemmEx(jlora_blas handle, int32_t trans_a, int32_t trans_b, int32_t m, int32_t n,
   *                      int32_t k, const void *alpha, jlora_address a, int32_t a_type, int32_t lda,
   *                      jlora_address b, int32_t b_type, int32_t ldb, const void *beta, jlora_address c,
   *                      int32_t c_type, int32_t ldc, int32_t compute_type, int32_t algorithm);
   * }</pre>
   */
  public int gemmEx(
      long handle,
      int transA,
      int transB,
      int m,
      int n,
      int k,
      MemorySegment alpha,
      long a,
      int aType,
      int lda,
      long b,
      int bType,
      int ldb,
      MemorySegment beta,
      long c,
      int cType,
      int ldc,
      int computeType,
      int algorithm) {
    try {
      return (int)
          gemmEx.invokeExact(
              handle,
              transA,
              transB,
              m,
              n,
              k,
              alpha,
              a,
              aType,
              lda,
              b,
              bType,
              ldb,
              beta,
              c,
              cType,
              ldc,
              computeType,
              algorithm);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GEMM_STRIDED_BATCHED_EX =
      FunctionDescriptor.of(
          JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG,
          JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS,
          JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT);
  private final MethodHandle gemmStridedBatchedEx =
      function("cublasGemmStridedBatchedEx", GEMM_STRIDED_BATCHED_EX);

  /**
   * GEMM of count matrices at fixed strides, in elements.
   *
   * <pre>{@code
   * int32_t cublasGemmStridedBatchedEx(jlora_blas handle, int32_t trans_a, int32_t trans_b, int32_t m,
   *                                    int32_t n, int32_t k, const void *alpha, jlora_address a,
   *                                    int32_t a_type, int32_t lda, int64_t stride_a, jlora_address b,
   *                                    int32_t b_type, int32_t ldb, int64_t stride_b, const void *beta,
   *                                    jlora_address c, int32_t c_type, int32_t ldc, int64_t stride_c,
   *                                    int32_t count, int32_t compute_type, int32_t algorithm);
   * }</pre>
   */
  public int gemmStridedBatchedEx(
      long handle,
      int transA,
      int transB,
      int m,
      int n,
      int k,
      MemorySegment alpha,
      long a,
      int aType,
      int lda,
      long strideA,
      long b,
      int bType,
      int ldb,
      long strideB,
      MemorySegment beta,
      long c,
      int cType,
      int ldc,
      long strideC,
      int count,
      int computeType,
      int algorithm) {
    try {
      return (int)
          gemmStridedBatchedEx.invokeExact(
              handle,
              transA,
              transB,
              m,
              n,
              k,
              alpha,
              a,
              aType,
              lda,
              strideA,
              b,
              bType,
              ldb,
              strideB,
              beta,
              c,
              cType,
              ldc,
              strideC,
              count,
              computeType,
              algorithm);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GEMM_GROUPED_BATCHED_EX =
      FunctionDescriptor.of(
          JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG,
          JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS,
          JAVA_INT, ADDRESS, JAVA_INT);
  private final MethodHandle gemmGroupedBatchedEx =
      function("cublasGemmGroupedBatchedEx", GEMM_GROUPED_BATCHED_EX);

  /**
   * GEMM of groups of matrices; group i has group_size[i] products of one shape. The arrays of
   * addresses are in device memory, all other arrays in host memory.
   *
   * <pre>{@code
   * int32_t cublasGemmGroupedBatchedEx(jlora_blas handle, const int32_t *trans_a, const int32_t *trans_b,
   *                                    const int32_t *m, const int32_t *n, const int32_t *k,
   *                                    const void *alphas, jlora_address a_array, int32_t a_type,
   *                                    const int32_t *lda, jlora_address b_array, int32_t b_type,
   *                                    const int32_t *ldb, const void *betas, jlora_address c_array,
   *                                    int32_t c_type, const int32_t *ldc, int32_t groups,
   *                                    const int32_t *group_size, int32_t compute_type);
   * }</pre>
   */
  public int gemmGroupedBatchedEx(
      long handle,
      MemorySegment transA,
      MemorySegment transB,
      MemorySegment m,
      MemorySegment n,
      MemorySegment k,
      MemorySegment alphas,
      long aArray,
      int aType,
      MemorySegment lda,
      long bArray,
      int bType,
      MemorySegment ldb,
      MemorySegment betas,
      long cArray,
      int cType,
      MemorySegment ldc,
      int groups,
      MemorySegment groupSize,
      int computeType) {
    try {
      return (int)
          gemmGroupedBatchedEx.invokeExact(
              handle,
              transA,
              transB,
              m,
              n,
              k,
              alphas,
              aArray,
              aType,
              lda,
              bArray,
              bType,
              ldb,
              betas,
              cArray,
              cType,
              ldc,
              groups,
              groupSize,
              computeType);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function of this class; needs no library. */
  public static Map<String, FunctionDescriptor> declarations() {
    return new CuBlas(name -> Optional.empty()).declared();
  }
}
