package dev.jlora.tensor;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Counts the native memory of live tensors, separately for each kind of device, and enforces a
 * budget for host memory if one is set (also by the system property {@code jlora.memory.budget}, in
 * bytes). Mapped memory, such as a weights file, is not counted: the operating system can drop it.
 */
public final class TensorMemory {
  private static final Account[] ACCOUNTS =
      Arrays.stream(Device.Kind.values()).map(_ -> new Account()).toArray(Account[]::new);
  private static final Account HOST = ACCOUNTS[Device.Kind.CPU.ordinal()];
  private static volatile long budget = Long.getLong("jlora.memory.budget", Long.MAX_VALUE);

  private TensorMemory() {}

  /** Bytes of one kind of device. */
  private static final class Account {
    private final AtomicLong live = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();

    void add(long bytes) {
      long now = live.addAndGet(bytes);
      if (now > peak.get()) {
        peak.accumulateAndGet(now, Math::max);
      }
    }
  }

  /** Bytes of host memory that live tensors own. */
  public static long liveBytes() {
    return HOST.live.get();
  }

  /** The highest {@link #liveBytes()} since the process started or {@link #resetPeak}. */
  public static long peakBytes() {
    return HOST.peak.get();
  }

  /** Bytes that live tensors own on all devices of a kind. */
  public static long liveBytes(Device.Kind kind) {
    return ACCOUNTS[kind.ordinal()].live.get();
  }

  /**
   * The highest {@link #liveBytes(Device.Kind)} since the process started or {@link #resetPeak}.
   */
  public static long peakBytes(Device.Kind kind) {
    return ACCOUNTS[kind.ordinal()].peak.get();
  }

  /** Resets {@link #peakBytes(Device.Kind)} to the current live bytes. */
  public static void resetPeak(Device.Kind kind) {
    Account account = ACCOUNTS[kind.ordinal()];
    account.peak.set(account.live.get());
  }

  /**
   * Limits {@link #liveBytes()}; {@link Long#MAX_VALUE} removes the limit.
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

  /** Throws if an allocation would exceed the budget; only then computes the description. */
  static void checkRoom(long bytes, Supplier<String> what) {
    long live = HOST.live.get();
    if (bytes > budget - live) {
      throw new MemoryBudgetException(
          ("%s needs %,d bytes, but %,d of the budget of %,d bytes are in use. Use a smaller batch"
                  + " or shorter sequences, or raise the budget (jlora.memory.budget).")
              .formatted(what.get(), bytes, live, budget));
    }
  }

  /** One block of memory and the number of live tensors that use it. */
  static final class Storage {
    private final long bytes;
    private final Account account;
    private final AtomicLong users = new AtomicLong(1);

    private Storage(long bytes, Account account) {
      this.bytes = bytes;
      this.account = account;
    }

    /** Memory allocated by libtorch: counted until its last user closes. */
    static Storage owned(long bytes, Device device) {
      Account account = ACCOUNTS[device.kind().ordinal()];
      account.add(bytes);
      return new Storage(bytes, account);
    }

    /** Memory owned by other code: not counted. */
    static Storage foreign() {
      return new Storage(0, HOST);
    }

    Storage retain() {
      users.incrementAndGet();
      return this;
    }

    void release() {
      if (users.decrementAndGet() == 0) {
        account.live.addAndGet(-bytes);
      }
    }

    /** Whether only one live tensor uses this memory. */
    boolean exclusive() {
      return users.get() == 1 && bytes > 0;
    }
  }
}
