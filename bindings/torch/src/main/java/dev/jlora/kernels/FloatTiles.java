package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.jlora.ffi.LibBlas;
import dev.jlora.ffi.TileProducts;
import java.lang.foreign.MemorySegment;

/**
 * Products and transposes of small FLOAT32 matrices on one thread, with the fastest function
 * available.
 */
final class FloatTiles {
  private FloatTiles() {}

  /** Whether a function for {@link #multiply} is available. */
  static boolean multiplies() {
    return TileProducts.hasFloats() || LibBlas.hasSgemm();
  }

  /** c = a b, or c += a b, row-major; a is [m, k], b [k, n], given by address and stride. */
  static void multiply(
      long m, long n, long k, long a, long lda, long b, long ldb, boolean add, long c, long ldc) {
    if (TileProducts.hasFloats()) {
      TileProducts.floats(m, n, k, a, lda, b, ldb, add, c, ldc);
      return;
    }
    LibBlas.sgemm(
        false,
        false,
        (int) m,
        (int) n,
        (int) k,
        1,
        MemorySegment.ofAddress(a),
        (int) lda,
        MemorySegment.ofAddress(b),
        (int) ldb,
        add ? 1 : 0,
        MemorySegment.ofAddress(c),
        (int) ldc);
  }

  /** Transposes [rows, columns] of four-byte elements to [columns, rows]. */
  static void transpose(long rows, long columns, long from, long ldFrom, long to, long ldTo) {
    if (TileProducts.hasTranspose()) {
      TileProducts.transpose(rows, columns, from, ldFrom, to, ldTo);
      return;
    }
    for (long column = 0; column < columns; column++) {
      for (long row = 0; row < rows; row++) {
        int value =
            HostMemory.MEMORY.get(
                JAVA_INT_UNALIGNED, from + (row * ldFrom + column) * Integer.BYTES);
        HostMemory.MEMORY.set(
            JAVA_INT_UNALIGNED, to + (column * ldTo + row) * Integer.BYTES, value);
      }
    }
  }
}
