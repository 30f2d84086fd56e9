package dev.jlora.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of one launch, in the order of the kernel's parameters, packed into native memory
 * of this thread. The driver reads them while it queues the launch, so the memory is reused for the
 * next one.
 */
public final class KernelArguments {
  /** Maximum size that a kernel accepts on every GPU. */
  static final int MOST_BYTES = 4096;

  private static final int MOST_ARGUMENTS = 32;
  private static final int ALIGNMENT = 8;
  private static final ThreadLocal<KernelArguments> LOCAL =
      ThreadLocal.withInitial(KernelArguments::new);

  private final MemorySegment values =
      Arena.ofAuto().allocate(MOST_BYTES + (long) MOST_ARGUMENTS * ALIGNMENT, ALIGNMENT);
  private final MemorySegment addresses = Arena.ofAuto().allocate(ADDRESS, MOST_ARGUMENTS);
  private long used;
  private int count;

  private KernelArguments() {}

  /** This thread's arguments, empty. */
  public static KernelArguments start() {
    KernelArguments arguments = LOCAL.get();
    arguments.used = 0;
    arguments.count = 0;
    return arguments;
  }

  private long next(long bytes) {
    if (count == MOST_ARGUMENTS || used + bytes > values.byteSize()) {
      throw new IllegalStateException(
          "a kernel takes at most %d arguments and %d bytes".formatted(MOST_ARGUMENTS, MOST_BYTES));
    }
    long at = used;
    addresses.setAtIndex(ADDRESS, count, values.asSlice(at));
    used = Math.ceilDiv(at + bytes, ALIGNMENT) * ALIGNMENT;
    count++;
    return at;
  }

  /** A pointer to the first element of a tensor, null for none. */
  public KernelArguments tensor(@Nullable Tensor tensor) {
    return u64(tensor == null ? 0 : tensor.address());
  }

  /** A 64-bit integer. */
  public KernelArguments u64(long value) {
    values.set(JAVA_LONG, next(Long.BYTES), value);
    return this;
  }

  /** A 32-bit integer. */
  public KernelArguments u32(long value) {
    if (value < 0 || value > 0xffffffffL) {
      throw new IllegalArgumentException(
          "kernel argument: got " + value + ", expected 0 to 4294967295");
    }
    values.set(JAVA_INT, next(Integer.BYTES), (int) value);
    return this;
  }

  /** A float. */
  public KernelArguments f32(double value) {
    values.set(JAVA_FLOAT, next(Float.BYTES), (float) value);
    return this;
  }

  /** A double. */
  public KernelArguments f64(double value) {
    values.set(JAVA_DOUBLE, next(Double.BYTES), value);
    return this;
  }

  /** A struct by value, as 32-bit words. */
  public KernelArguments struct(int[] words) {
    long at = next((long) words.length * Integer.BYTES);
    MemorySegment.copy(words, 0, values, JAVA_INT, at, words.length);
    return this;
  }

  /** An array of pointers to the values. */
  MemorySegment pointers() {
    return addresses;
  }

  int count() {
    return count;
  }
}
