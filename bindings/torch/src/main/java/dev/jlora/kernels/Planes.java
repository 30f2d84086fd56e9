package dev.jlora.kernels;

import dev.jlora.tensor.DType;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes elements of some dtype for a kernel that computes in FLOAT32, one tile of random
 * numbers at a time.
 *
 * <p>The floats of n elements are stored in {@link #count} planes: element i is in plane {@code i %
 * count} at {@code i / count}. A product over those elements is the sum of the products over the
 * planes, so they need not be reordered. Two 16-bit elements are separated by shifts of whole ints,
 * which C2 vectorizes; it does not vectorize loops over shorts.
 *
 * <p>Offsets and counts are in elements; counts are multiples of {@link #count} and at most {@link
 * Threefry#TILE}. An instance belongs to one thread.
 */
sealed interface Planes permits FloatPlanes, Bfloat16Planes {
  /** The calling thread's instance for a dtype; null for an unsupported dtype. */
  static @Nullable Planes ofThread(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> FloatPlanes.LOCAL.get();
      case BFLOAT16 -> Bfloat16Planes.LOCAL.get();
      default -> null;
    };
  }

  /** Number of planes: 1 or 2. */
  int count();

  /** Bytes of an element in a tensor's memory. */
  int bytes();

  /** Whether a tensor's memory is its only plane, so that products can use it in place. */
  default boolean inPlace() {
    return count() == 1;
  }

  /**
   * to = from, as floats.
   *
   * @param first index of the first element in {@code from}
   * @param at destination index in a plane
   * @param to one segment per plane
   */
  void load(MemorySegment from, long first, int count, MemorySegment[] to, long at);

  /** to = mask * from, as floats. The mask is that of the tile last filled in {@code random}. */
  void loadMasked(
      Threefry random,
      int keep,
      MemorySegment from,
      long first,
      int count,
      MemorySegment[] to,
      long at);

  /** to = mask * from, from floats, rounded to nearest even. */
  void storeMasked(
      Threefry random,
      int keep,
      MemorySegment[] from,
      long at,
      MemorySegment to,
      long first,
      int count);

  /** sum = sum + mask * addend, rounded once. */
  void addMasked(
      Threefry random,
      int keep,
      MemorySegment[] addend,
      long at,
      MemorySegment sum,
      long first,
      int count);
}
