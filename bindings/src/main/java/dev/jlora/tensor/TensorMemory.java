package dev.jlora.tensor;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Counts the native memory behind live tensors and keeps it below a budget if one is set (also by
 * the system property {@code jlora.memory.budget}, in bytes). Memory that jlora only maps, such as
 * a weights file, is not counted: the operating system can drop it.
 */
public final class TensorMemory {
  private static final AtomicLong LIVE_BYTES = new AtomicLong();
  private static final AtomicLong PEAK_BYTES = new AtomicLong();
  private static volatile long budget = Long.getLong("jlora.memory.budget", Long.MAX_VALUE);

  private TensorMemory() {}

  /** Bytes of storage that live tensors own. */
  public static long liveBytes() {
    return LIVE_BYTES.get();
  }

  /** The highest {@link #liveBytes()} since the process started or {@link #resetPeak()}. */
  public static long peakBytes() {
    return PEAK_BYTES.get();
  }

  /** Starts measuring the peak anew. */
  public static void resetPeak() {
    PEAK_BYTES.set(LIVE_BYTES.get());
  }

  /**
   * Limits {@link #liveBytes()}; {@link Long#MAX_VALUE} lifts the limit.
   *
   * @throws IllegalArgumentException if the budget is not positive
   */
  public static void budget(long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException(
          "memory budget: got %d bytes, expected 1 or more".formatted(bytes));
    }
    budget = bytes;
  }

  /** The limit in bytes. */
  public static long budget() {
    return budget;
  }

  /** Throws before memory that would exceed the budget is asked for; only then asks for words. */
  static void checkRoom(long bytes, Supplier<String> what) {
    long live = LIVE_BYTES.get();
    if (bytes > budget - live) {
      throw new MemoryBudgetException(
          ("%s needs %,d bytes, but %,d of the budget of %,d bytes are in use. Use a smaller batch"
                  + " or shorter sequences, or raise the budget (jlora.memory.budget).")
              .formatted(what.get(), bytes, live, budget));
    }
  }

  private static void add(long bytes) {
    long live = LIVE_BYTES.addAndGet(bytes);
    if (live > PEAK_BYTES.get()) {
      PEAK_BYTES.accumulateAndGet(live, Math::max);
    }
  }

  /** One block of memory and how many live tensors look at it. */
  static final class Storage {
    private final long bytes;
    private final AtomicLong users = new AtomicLong(1);

    private Storage(long bytes) {
      this.bytes = bytes;
    }

    /** Memory that libtorch allocated: counted until its last user closes. */
    static Storage owned(long bytes) {
      add(bytes);
      return new Storage(bytes);
    }

    /** Memory that somebody else owns: not counted. */
    static Storage foreign() {
      return new Storage(0);
    }

    Storage retain() {
      users.incrementAndGet();
      return this;
    }

    void release() {
      if (users.decrementAndGet() == 0) {
        LIVE_BYTES.addAndGet(-bytes);
      }
    }

    /** Whether only one live tensor looks at this memory. */
    boolean exclusive() {
      return users.get() == 1 && bytes > 0;
    }
  }
}
