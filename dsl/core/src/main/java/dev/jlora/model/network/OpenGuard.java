package dev.jlora.model.network;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Keeps something open while it is used. Uses run beside each other; closing waits for those that
 * run, lets no other begin, and happens once. A use costs two uncontended operations of a lock.
 */
public final class OpenGuard {
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final Use use = lock.readLock()::unlock;
  private final String what;
  private boolean closed;

  /** A use in progress; its end is {@link #close}, on the thread that began it. */
  @FunctionalInterface
  public interface Use extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * @param what the thing, for messages: "this predictor"
   */
  public OpenGuard(String what) {
    this.what = what;
  }

  /**
   * Begins a use.
   *
   * @throws IllegalStateException if it is closed
   */
  public Use use() {
    lock.readLock().lock();
    if (closed) {
      lock.readLock().unlock();
      throw new IllegalStateException(what + " is closed; open it again to use it");
    }
    return use;
  }

  /**
   * Changes what is guarded, after the uses that run and before the next begins.
   *
   * @throws IllegalStateException if it is closed, or the calling thread is itself in the middle of
   *     a use
   */
  public void alone(Runnable change) {
    requireNoUse("change");
    lock.writeLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException(what + " is closed; open it again to use it");
      }
      change.run();
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void requireNoUse(String verb) {
    if (lock.getReadHoldCount() > 0) {
      throw new IllegalStateException(
          "%s is in use by this very call; %s it after the call has returned"
              .formatted(what, verb));
    }
  }

  /**
   * Frees what is guarded, after the uses that run. Does nothing the second time.
   *
   * @throws IllegalStateException if the calling thread is itself in the middle of a use
   */
  public void close(Runnable free) {
    requireNoUse("close");
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        free.run();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
