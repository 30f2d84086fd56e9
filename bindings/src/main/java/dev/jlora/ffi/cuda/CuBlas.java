package dev.jlora.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.natives.CudaLibraries;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/**
 * The products of cuBLAS, of matrices that lie column by column in memory, on a handle that is
 * libtorch's or one of {@link CuBlasHandles}. What is returned is 0 or an error code.
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
    return new CuBlas(CudaLibraries.torch());
  }

  private final MethodHandle gemmEx =
      function(
          "cublasGemmEx",
          JAVA_INT,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          ADDRESS,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          ADDRESS,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT);

  /** C = alpha op(A) op(B) + beta C, column by column in memory. */
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

  private final MethodHandle gemmStridedBatchedEx =
      function(
          "cublasGemmStridedBatchedEx",
          JAVA_INT,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          ADDRESS,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          JAVA_LONG,
          ADDRESS,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT);

  /** The same for count matrices at equal distances, in elements. */
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

  private final MethodHandle gemmGroupedBatchedEx =
      function(
          "cublasGemmGroupedBatchedEx",
          JAVA_INT,
          JAVA_LONG,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          JAVA_LONG,
          JAVA_INT,
          ADDRESS,
          JAVA_LONG,
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          JAVA_LONG,
          JAVA_INT,
          ADDRESS,
          JAVA_INT,
          ADDRESS,
          JAVA_INT);

  /**
   * The same for groups of equal shape, each with group_size[i] products. All arrays lie on the
   * host but those of addresses, which lie on the card.
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
