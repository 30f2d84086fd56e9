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
 * cuBLASLt: products with an epilogue (bias, GELU, their gradients). Methods return 0 or an error
 * code, unless stated otherwise.
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
    return new CuBlasLt(Library.BLASLT.symbols());
  }

  private static final FunctionDescriptor CREATE = FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle create = function("cublasLtCreate", CREATE);

  /**
   * Creates a handle.
   *
   * <pre>{@code
   * int32_t cublasLtCreate(jlora_blaslt *handle);
   * }</pre>
   */
  public int create(MemorySegment handle) {
    try {
      return (int) create.invokeExact(handle);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor DESTROY = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle destroy = function("cublasLtDestroy", DESTROY);

  /**
   * Destroys a handle.
   *
   * <pre>{@code
   * int32_t cublasLtDestroy(jlora_blaslt handle);
   * }</pre>
   */
  public int destroy(long handle) {
    try {
      return (int) destroy.invokeExact(handle);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor MATMUL_DESC_CREATE =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private final MethodHandle matmulDescCreate =
      function("cublasLtMatmulDescCreate", MATMUL_DESC_CREATE);

  /**
   * Creates a product descriptor: CUBLAS_COMPUTE_..., and CUDA_R_... for alpha and beta.
   *
   * <pre>{@code
   * int32_t cublasLtMatmulDescCreate(jlora_descriptor *product, int32_t compute_type,
   *                                  int32_t scale_type);
   * }</pre>
   */
  public int matmulDescCreate(MemorySegment product, int computeType, int scaleType) {
    try {
      return (int) matmulDescCreate.invokeExact(product, computeType, scaleType);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor MATMUL_DESC_SET_ATTRIBUTE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private final MethodHandle matmulDescSetAttribute =
      function("cublasLtMatmulDescSetAttribute", MATMUL_DESC_SET_ATTRIBUTE);

  /**
   * Sets an attribute of a product: CUBLASLT_MATMUL_DESC_...
   *
   * <pre>{@code
   * int32_t cublasLtMatmulDescSetAttribute(jlora_descriptor product, int32_t attribute,
   *                                        const void *value, size_t bytes);
   * }</pre>
   */
  public int matmulDescSetAttribute(long product, int attribute, MemorySegment value, long bytes) {
    try {
      return (int) matmulDescSetAttribute.invokeExact(product, attribute, value, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor MATMUL_DESC_DESTROY =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle matmulDescDestroy =
      function("cublasLtMatmulDescDestroy", MATMUL_DESC_DESTROY);

  /**
   * Destroys a product descriptor.
   *
   * <pre>{@code
   * int32_t cublasLtMatmulDescDestroy(jlora_descriptor product);
   * }</pre>
   */
  public int matmulDescDestroy(long product) {
    try {
      return (int) matmulDescDestroy.invokeExact(product);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor MATRIX_LAYOUT_CREATE =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private final MethodHandle matrixLayoutCreate =
      function("cublasLtMatrixLayoutCreate", MATRIX_LAYOUT_CREATE);

  /**
   * Creates a layout: CUDA_R_..., column-major, with ld elements from column to column.
   *
   * <pre>{@code
   * int32_t cublasLtMatrixLayoutCreate(jlora_descriptor *layout, int32_t type, uint64_t rows,
   *                                    uint64_t columns, int64_t ld);
   * }</pre>
   */
  public int matrixLayoutCreate(MemorySegment layout, int type, long rows, long columns, long ld) {
    try {
      return (int) matrixLayoutCreate.invokeExact(layout, type, rows, columns, ld);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor MATRIX_LAYOUT_SET_ATTRIBUTE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private final MethodHandle matrixLayoutSetAttribute =
      function("cublasLtMatrixLayoutSetAttribute", MATRIX_LAYOUT_SET_ATTRIBUTE);

  /**
   * Sets an attribute of a layout: CUBLASLT_MATRIX_LAYOUT_...
   *
   * <pre>{@code
   * int32_t cublasLtMatrixLayoutSetAttribute(jlora_descriptor layout, int32_t attribute,
   *                                          const void *value, size_t bytes);
   * }</pre>
   */
  public int matrixLayoutSetAttribute(long layout, int attribute, MemorySegment value, long bytes) {
    try {
      return (int) matrixLayoutSetAttribute.invokeExact(layout, attribute, value, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor MATRIX_LAYOUT_DESTROY =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle matrixLayoutDestroy =
      function("cublasLtMatrixLayoutDestroy", MATRIX_LAYOUT_DESTROY);

  /**
   * Destroys a layout.
   *
   * <pre>{@code
   * int32_t cublasLtMatrixLayoutDestroy(jlora_descriptor layout);
   * }</pre>
   */
  public int matrixLayoutDestroy(long layout) {
    try {
      return (int) matrixLayoutDestroy.invokeExact(layout);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor MATMUL_PREFERENCE_CREATE =
      FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle matmulPreferenceCreate =
      function("cublasLtMatmulPreferenceCreate", MATMUL_PREFERENCE_CREATE);

  /**
   * Creates a preference, which constrains the heuristic.
   *
   * <pre>{@code
   * int32_t cublasLtMatmulPreferenceCreate(jlora_descriptor *preference);
   * }</pre>
   */
  public int matmulPreferenceCreate(MemorySegment preference) {
    try {
      return (int) matmulPreferenceCreate.invokeExact(preference);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor MATMUL_PREFERENCE_SET_ATTRIBUTE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private final MethodHandle matmulPreferenceSetAttribute =
      function("cublasLtMatmulPreferenceSetAttribute", MATMUL_PREFERENCE_SET_ATTRIBUTE);

  /**
   * Sets an attribute of a preference: CUBLASLT_MATMUL_PREF_...
   *
   * <pre>{@code
   * int32_t cublasLtMatmulPreferenceSetAttribute(jlora_descriptor preference, int32_t attribute,
   *                                              const void *value, size_t bytes);
   * }</pre>
   */
  public int matmulPreferenceSetAttribute(
      long preference, int attribute, MemorySegment value, long bytes) {
    try {
      return (int) matmulPreferenceSetAttribute.invokeExact(preference, attribute, value, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor MATMUL_PREFERENCE_DESTROY =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle matmulPreferenceDestroy =
      function("cublasLtMatmulPreferenceDestroy", MATMUL_PREFERENCE_DESTROY);

  /**
   * Destroys a preference.
   *
   * <pre>{@code
   * int32_t cublasLtMatmulPreferenceDestroy(jlora_descriptor preference);
   * }</pre>
   */
  public int matmulPreferenceDestroy(long preference) {
    try {
      return (int) matmulPreferenceDestroy.invokeExact(preference);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor MATMUL_ALGO_GET_HEURISTIC =
      FunctionDescriptor.of(
          JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
          JAVA_INT, ADDRESS, ADDRESS);
  private final MethodHandle matmulAlgoGetHeuristic =
      function("cublasLtMatmulAlgoGetHeuristic", MATMUL_ALGO_GET_HEURISTIC);

  /**
   * Algorithms, best first, 96 bytes each: 64 of the algorithm, then its workspace bytes, ...
   *
   * <pre>{@code
   * int32_t cublasLtMatmulAlgoGetHeuristic(jlora_blaslt handle, jlora_descriptor product,
   *                                        jlora_descriptor a, jlora_descriptor b, jlora_descriptor c,
   *                                        jlora_descriptor d, jlora_descriptor preference,
   *                                        int32_t requested, void *results, int32_t *returned);
   * }</pre>
   */
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

  private static final FunctionDescriptor MATMUL =
      FunctionDescriptor.of(
          JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
          ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG,
          JAVA_LONG);
  private final MethodHandle matmul = function("cublasLtMatmul", MATMUL);

  /**
   * D = epilogue(alpha op(A) op(B) + beta C).
   *
   * <pre>{@code
   * int32_t cublasLtMatmul(jlora_blaslt handle, jlora_descriptor product, const void *alpha,
   *                        jlora_address a, jlora_descriptor a_layout, jlora_address b,
   *                        jlora_descriptor b_layout, const void *beta, jlora_address c,
   *                        jlora_descriptor c_layout, jlora_address d, jlora_descriptor d_layout,
   *                        const void *algorithm, jlora_address workspace, size_t workspace_bytes,
   *                        jlora_stream stream);
   * }</pre>
   */
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
