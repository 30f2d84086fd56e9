// Generated from native/src/main/c/jlora_torch.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** The C interface of the BLAS that libtorch is linked to. Some builds do not export it. */
public final class CBlas {
  private static final Downcalls C = Downcalls.torch();

  private CBlas() {}

  private static final class Sgemm {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.ofVoid(
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_FLOAT,
            ADDRESS,
            JAVA_INT,
            ADDRESS,
            JAVA_INT,
            JAVA_FLOAT,
            ADDRESS,
            JAVA_INT);
    static final @Nullable MethodHandle HANDLE = C.optional("cblas_sgemm", DESCRIPTOR);
  }

  /** Whether the library has {@link #sgemm}. */
  public static boolean hasSgemm() {
    return Sgemm.HANDLE != null;
  }

  /**
   * c = alpha op(a) op(b) + beta c, on the calling thread. layout: 101 is row-major; transpose: 111
   * is no transposition, 112 transposes.
   *
   * <pre>{@code
   * void cblas_sgemm(int32_t layout, int32_t transpose_a, int32_t transpose_b, int32_t m, int32_t n,
   *                  int32_t k, float alpha, const float *a, int32_t lda, const float *b, int32_t ldb,
   *                  float beta, float *c, int32_t ldc);
   * }</pre>
   */
  public static void sgemm(
      int layout,
      int transposeA,
      int transposeB,
      int m,
      int n,
      int k,
      float alpha,
      MemorySegment a,
      int lda,
      MemorySegment b,
      int ldb,
      float beta,
      MemorySegment c,
      int ldc) {
    try {
      Sgemm.HANDLE.invokeExact(
          layout, transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
