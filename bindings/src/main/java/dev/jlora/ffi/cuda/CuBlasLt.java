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
 * cuBLASLt: products with an epilogue (bias, GELU, their gradients). What is returned is 0 or an
 * error code, unless a method says otherwise.
 */
public final class CuBlasLt extends BoundLibrary {
  /** Binds against a library, or against whatever else has its functions. */
  public CuBlasLt(SymbolLookup symbols) {
    super(symbols, Library.BLASLT);
  }

  /**
   * Binds against the library of this machine.
   *
   * @throws dev.jlora.natives.NativeLoadException if it is missing
   */
  public static CuBlasLt load() {
    return new CuBlasLt(CudaLibraries.torch());
  }

  private final MethodHandle create = function("cublasLtCreate", JAVA_INT, ADDRESS);

  /** A handle. */
  public int create(MemorySegment handle) {
    try {
      return (int) create.invokeExact(handle);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle destroy = function("cublasLtDestroy", JAVA_INT, JAVA_LONG);

  /** Destroys it. */
  public int destroy(long handle) {
    try {
      return (int) destroy.invokeExact(handle);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle matmulDescCreate =
      function("cublasLtMatmulDescCreate", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);

  /** A product: CUBLAS_COMPUTE_..., and the type of alpha and beta, CUDA_R_... */
  public int matmulDescCreate(MemorySegment product, int computeType, int scaleType) {
    try {
      return (int) matmulDescCreate.invokeExact(product, computeType, scaleType);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle matmulDescSetAttribute =
      function("cublasLtMatmulDescSetAttribute", JAVA_INT, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);

  /** Sets CUBLASLT_MATMUL_DESC_... */
  public int matmulDescSetAttribute(long product, int attribute, MemorySegment value, long bytes) {
    try {
      return (int) matmulDescSetAttribute.invokeExact(product, attribute, value, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle matmulDescDestroy =
      function("cublasLtMatmulDescDestroy", JAVA_INT, JAVA_LONG);

  /** Frees it. */
  public int matmulDescDestroy(long product) {
    try {
      return (int) matmulDescDestroy.invokeExact(product);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle matrixLayoutCreate =
      function(
          "cublasLtMatrixLayoutCreate",
          JAVA_INT,
          ADDRESS,
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG);

  /** A matrix: CUDA_R_..., column by column with ld elements between two columns. */
  public int matrixLayoutCreate(MemorySegment layout, int type, long rows, long columns, long ld) {
    try {
      return (int) matrixLayoutCreate.invokeExact(layout, type, rows, columns, ld);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle matrixLayoutSetAttribute =
      function(
          "cublasLtMatrixLayoutSetAttribute", JAVA_INT, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);

  /** Sets CUBLASLT_MATRIX_LAYOUT_... */
  public int matrixLayoutSetAttribute(long layout, int attribute, MemorySegment value, long bytes) {
    try {
      return (int) matrixLayoutSetAttribute.invokeExact(layout, attribute, value, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle matrixLayoutDestroy =
      function("cublasLtMatrixLayoutDestroy", JAVA_INT, JAVA_LONG);

  /** Frees it. */
  public int matrixLayoutDestroy(long layout) {
    try {
      return (int) matrixLayoutDestroy.invokeExact(layout);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle matmulPreferenceCreate =
      function("cublasLtMatmulPreferenceCreate", JAVA_INT, ADDRESS);

  /** What the heuristic may choose from. */
  public int matmulPreferenceCreate(MemorySegment preference) {
    try {
      return (int) matmulPreferenceCreate.invokeExact(preference);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle matmulPreferenceSetAttribute =
      function(
          "cublasLtMatmulPreferenceSetAttribute",
          JAVA_INT,
          JAVA_LONG,
          JAVA_INT,
          ADDRESS,
          JAVA_LONG);

  /** Sets CUBLASLT_MATMUL_PREF_... */
  public int matmulPreferenceSetAttribute(
      long preference, int attribute, MemorySegment value, long bytes) {
    try {
      return (int) matmulPreferenceSetAttribute.invokeExact(preference, attribute, value, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle matmulPreferenceDestroy =
      function("cublasLtMatmulPreferenceDestroy", JAVA_INT, JAVA_LONG);

  /** Frees it. */
  public int matmulPreferenceDestroy(long preference) {
    try {
      return (int) matmulPreferenceDestroy.invokeExact(preference);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle matmulAlgoGetHeuristic =
      function(
          "cublasLtMatmulAlgoGetHeuristic",
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_INT,
          ADDRESS,
          ADDRESS);

  /** The best algorithms first, 96 bytes each: the algorithm in 64, workspace bytes at 64, ... */
  public int matmulAlgoGetHeuristic(
      long handle,
      long product,
      long a,
      long b,
      long c,
      long d,
      long preference,
      int requested,
      MemorySegment results,
      MemorySegment returned) {
    try {
      return (int)
          matmulAlgoGetHeuristic.invokeExact(
              handle, product, a, b, c, d, preference, requested, results, returned);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle matmul =
      function(
          "cublasLtMatmul",
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          ADDRESS,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          ADDRESS,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          ADDRESS,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG);

  /** D = epilogue(alpha op(A) op(B) + beta C). */
  public int matmul(
      long handle,
      long product,
      MemorySegment alpha,
      long a,
      long aLayout,
      long b,
      long bLayout,
      MemorySegment beta,
      long c,
      long cLayout,
      long d,
      long dLayout,
      MemorySegment algorithm,
      long workspace,
      long workspaceBytes,
      long stream) {
    try {
      return (int)
          matmul.invokeExact(
              handle,
              product,
              alpha,
              a,
              aLayout,
              b,
              bLayout,
              beta,
              c,
              cLayout,
              d,
              dLayout,
              algorithm,
              workspace,
              workspaceBytes,
              stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function of this class; needs no library. */
  public static Map<String, FunctionDescriptor> declarations() {
    return new CuBlasLt(name -> Optional.empty()).declared();
  }
}
