package dev.jlora.model.network;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Keeps a resource open while it is in use. Uses may be concurrent; closing waits for them,
 * prevents new ones, and takes effect once. A use costs two uncontended lock operations.
 */
public final class OpenGuard {
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final Use use = lock.readLock()::unlock;
  private final String what;
  private boolean closed;

  /** A use in progress; {@link #close} ends it, on the thread that began it. */
  @FunctionalInterface
  public interface Use extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * @param what the resource, for messages: "this predictor"
   */
  public OpenGuard(String what) {
    this.what = what;
  }

  /**
   * Begins a use.
   *
   * @throws IllegalStateException if the resource is closed
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
   * Runs a change of the resource exclusively: after current uses, before the next.
   *
   * @throws IllegalStateException if the resource is closed, or the calling thread is using it
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
          "%s is in use by this call; %s it after the call has returned".formatted(what, verb));
    }
  }

  /**
   * Frees the resource after all uses have ended. Idempotent.
   *
   * @throws IllegalStateException if the calling thread is using the resource
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
