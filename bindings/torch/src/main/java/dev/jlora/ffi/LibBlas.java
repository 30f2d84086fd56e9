package dev.jlora.ffi;

import java.lang.foreign.MemorySegment;

/**
 * The BLAS that libtorch was linked to, through its C interface. Some builds hide it, so it is
 * optional: who calls it has another way.
 */
public final class LibBlas {
  private static final int ROW_MAJOR = 101;
  private static final int AS_IT_IS = 111;
  private static final int TRANSPOSED = 112;

  /** Whether this libtorch lets its BLAS be seen. */
  public static boolean hasSgemm() {
    return CBlas.hasSgemm();
  }

  /**
   * {@code c = alpha * op(a) op(b) + beta * c}, row-major, on the calling thread. If beta is 0, c
   * need not be initialized.
   *
   * @param transposeA whether op(a) is a^T; a is then [k, m] instead of [m, k]
   * @param transposeB whether op(b) is b^T; b is then [n, k] instead of [k, n]
   * @param lda elements from one row of a to the next; ldb and ldc accordingly
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
    CBlas.sgemm(
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
  }

  private LibBlas() {}
}
