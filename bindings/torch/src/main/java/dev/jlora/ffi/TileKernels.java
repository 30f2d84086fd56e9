// Generated from native/src/main/c/jlora_torch.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * C++ functions for tiled kernels, exported by libtorch although not part of its stable ABI. They
 * run on the calling thread and take raw addresses.
 */
public final class TileKernels {
  private static final Downcalls C = Downcalls.torch();

  private TileKernels() {}

  private static final class Floats {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.ofVoid(
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_BOOLEAN,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_BOOLEAN);
    static final @Nullable MethodHandle HANDLE =
        C.optional("_ZN2at6native7cpublas6brgemmEllllllbPKfS3_Pfb", DESCRIPTOR);
  }

  /** Whether the library has {@link #floats}. */
  public static boolean hasFloats() {
    return Floats.HANDLE != null;
  }

  /**
   * at::native::cpublas::brgemm for float: c = a b, or c += a b if add; row-major.
   *
   * <pre>{@code
   * void _ZN2at6native7cpublas6brgemmEllllllbPKfS3_Pfb(int64_t m, int64_t n, int64_t k, int64_t lda,
   *                                                    int64_t ldb, int64_t ldc, bool add, uintptr_t a,
   *                                                    uintptr_t b, uintptr_t c, bool vnni);
   * }</pre>
   */
  public static void floats(
      long m,
      long n,
      long k,
      long lda,
      long ldb,
      long ldc,
      boolean add,
      long a,
      long b,
      long c,
      boolean vnni) {
    try {
      Floats.HANDLE.invokeExact(m, n, k, lda, ldb, ldc, add, a, b, c, vnni);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Bfloat16s {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.ofVoid(
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_BOOLEAN,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_BOOLEAN);
    static final @Nullable MethodHandle HANDLE =
        C.optional("_ZN2at6native7cpublas6brgemmEllllllbPKN3c108BFloat16ES5_Pfb", DESCRIPTOR);
  }

  /** Whether the library has {@link #bfloat16s}. */
  public static boolean hasBfloat16s() {
    return Bfloat16s.HANDLE != null;
  }

  /**
   * at::native::cpublas::brgemm for BFloat16 a and b, and float c; b has pairs of rows interleaved
   * (VNNI layout).
   *
   * <pre>{@code
   * void _ZN2at6native7cpublas6brgemmEllllllbPKN3c108BFloat16ES5_Pfb(int64_t m, int64_t n, int64_t k,
   *                                                                  int64_t lda, int64_t ldb,
   *                                                                  int64_t ldc, bool add, uintptr_t a,
   *                                                                  uintptr_t b, uintptr_t c,
   *                                                                  bool vnni);
   * }</pre>
   */
  public static void bfloat16s(
      long m,
      long n,
      long k,
      long lda,
      long ldb,
      long ldc,
      boolean add,
      long a,
      long b,
      long c,
      boolean vnni) {
    try {
      Bfloat16s.HANDLE.invokeExact(m, n, k, lda, ldb, ldc, add, a, b, c, vnni);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Release {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.ofVoid(JAVA_BOOLEAN);
    static final @Nullable MethodHandle HANDLE =
        C.optional("_ZN2at6native7cpublas14brgemm_releaseEb", DESCRIPTOR);
  }

  /** Whether the library has {@link #release}. */
  public static boolean hasRelease() {
    return Release.HANDLE != null;
  }

  /**
   * at::native::cpublas::brgemm_release: to be called after the last product of a thread.
   *
   * <pre>{@code
   * void _ZN2at6native7cpublas14brgemm_releaseEb(bool vnni);
   * }</pre>
   */
  public static void release(boolean vnni) {
    try {
      Release.HANDLE.invokeExact(vnni);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Transpose {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    static final @Nullable MethodHandle HANDLE =
        C.optional("_ZN6fbgemm14transpose_simdIfEEvllPKT_lPS1_l", DESCRIPTOR);
  }

  /** Whether the library has {@link #transpose}. */
  public static boolean hasTranspose() {
    return Transpose.HANDLE != null;
  }

  /**
   * fbgemm::transpose_simd for float, or any elements of four bytes; strides in elements.
   *
   * <pre>{@code
   * void _ZN6fbgemm14transpose_simdIfEEvllPKT_lPS1_l(int64_t rows, int64_t columns, uintptr_t from,
   *                                                  int64_t ld_from, uintptr_t to, int64_t ld_to);
   * }</pre>
   */
  public static void transpose(
      long rows, long columns, long from, long ldFrom, long to, long ldTo) {
    try {
      Transpose.HANDLE.invokeExact(rows, columns, from, ldFrom, to, ldTo);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
