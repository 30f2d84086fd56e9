package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.jlora.natives.NativeTorch;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The BLAS that libtorch was linked to, through its C interface. Some builds hide it, so it is
 * optional: who calls it has another way.
 */
public final class LibBlas {
  private static final int ROW_MAJOR = 101;
  private static final int AS_IT_IS = 111;
  private static final int TRANSPOSED = 112;

  private static final Downcalls C = new Downcalls(NativeTorch.load().symbols());

  private static final @Nullable MethodHandle SGEMM =
      C.optional(
          "cblas_sgemm",
          null,
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

  /** Whether this libtorch lets its BLAS be seen. */
  public static boolean hasSgemm() {
    return SGEMM != null;
  }

  /**
   * {@code c = alpha * op(a) op(b) + beta * c}, row-major, on the calling thread alone. Where beta
   * is 0, c need not be initialized.
   *
   * @param transposeA whether op(a) is a^T; a is then [k, m] instead of [m, k]
   * @param transposeB whether op(b) is b^T; b is then [n, k] instead of [k, n]
   * @param lda elements from one row of a to the next; likewise ldb, ldc
   */
  public static void sgemm(
      boolean transposeA,
      boolean transposeB,
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
      SGEMM.invokeExact(
          ROW_MAJOR,
          transposeA ? TRANSPOSED : AS_IT_IS,
          transposeB ? TRANSPOSED : AS_IT_IS,
          m,
          n,
          k,
          alpha,
          a,
          lda,
          b,
          ldb,
          beta,
          c,
          ldc);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function this class declares. */
  public static Map<String, FunctionDescriptor> declarations() {
    return C.declarations();
  }

  private LibBlas() {}
}
