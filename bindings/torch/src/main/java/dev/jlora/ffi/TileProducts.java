package dev.jlora.ffi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The matrix products and transposes that libtorch's own tiled kernels are made of: oneDNN's brgemm
 * and FBGEMM's transpose, on one thread and on raw addresses. These are C++ functions that libtorch
 * happens to export: each is optional, and callers need a fallback.
 *
 * <p>oneDNN writes machine code for each set of sizes and strides it has not met yet on a thread:
 * for products that recur. Measured on one core with AVX-512 and its bfloat16 instructions, 128 x
 * 128 x 64: 18 us in FLOAT32 (OpenBLAS: 23), 10 us in BFLOAT16.
 */
public final class TileProducts {
  private static final boolean BFLOAT16_INSTRUCTIONS = processorHas(" avx512_bf16");
  private static final boolean WIDE_INSTRUCTIONS = processorHas(" avx512f ");

  private TileProducts() {}

  /** Whether {@link #floats} can be called. */
  public static boolean hasFloats() {
    return TileKernels.hasFloats();
  }

  /**
   * Whether {@link #floats} is oneDNN's own code: on processors without AVX-512 it is the BLAS,
   * which reorders each tile again.
   */
  public static boolean hasGeneratedFloats() {
    return hasFloats() && WIDE_INSTRUCTIONS;
  }

  /**
   * Whether {@link #bfloat16s} can be called: it throws a C++ exception, which ends the process, if
   * oneDNN does not support the processor's instructions or is configured not to use them.
   */
  public static boolean hasBfloat16s() {
    return TileKernels.hasBfloat16s() && TileKernels.hasRelease() && BFLOAT16_INSTRUCTIONS;
  }

  /** Whether {@link #transpose} can be called. */
  public static boolean hasTranspose() {
    return TileKernels.hasTranspose();
  }

  /**
   * {@code c = a b}, or {@code c += a b}, row-major, FLOAT32.
   *
   * @param a address of [m, k]; b of [k, n], c of [m, n]
   * @param lda elements from one row of a to the next; ldb and ldc accordingly
   */
  public static void floats(
      long m, long n, long k, long a, long lda, long b, long ldb, boolean add, long c, long ldc) {
    TileKernels.floats(m, n, k, lda, ldb, ldc, add, a, b, c, false);
  }

  /**
   * {@code c = a b}, or {@code c += a b}, row-major, of BFLOAT16 into FLOAT32.
   *
   * @param k even
   * @param a address of [m, k]
   * @param b address of [k / 2, n] pairs: rows 2 i and 2 i + 1 of the matrix, element by element
   * @param ldb pairs from one row of pairs to the next; lda and ldc count elements
   */
  public static void bfloat16s(
      long m, long n, long k, long a, long lda, long b, long ldb, boolean add, long c, long ldc) {
    TileKernels.bfloat16s(m, n, k, lda, ldb, ldc, add, a, b, c, true);
  }

  /** Gives back what the processor was set up with for {@link #bfloat16s} on this thread. */
  public static void release() {
    TileKernels.release(true);
  }

  /**
   * [rows, columns] of any four bytes each at {@code from} to [columns, rows] at {@code to}.
   *
   * @param ldFrom elements from one row of the source to the next; ldTo of the target
   */
  public static void transpose(
      long rows, long columns, long from, long ldFrom, long to, long ldTo) {
    TileKernels.transpose(rows, columns, from, ldFrom, to, ldTo);
  }

  /**
   * @param flag with the spaces around it
   */
  private static boolean processorHas(String flag) {
    if (System.getenv("ONEDNN_MAX_CPU_ISA") != null || System.getenv("DNNL_MAX_CPU_ISA") != null) {
      return false;
    }
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines.anyMatch(line -> line.startsWith("flags") && (line + " ").contains(flag));
    } catch (IOException unknown) {
      return false;
    }
  }
}
