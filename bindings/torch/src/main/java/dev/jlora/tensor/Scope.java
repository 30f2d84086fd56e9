package dev.jlora.tensor;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Owns tensors and frees them when it closes.
 *
 * <pre>{@code
 * try (var step = Scope.open()) {
 *   losses.add(train(batch).item());   // a number leaves, tensors do not
 * }
 * }</pre>
 *
 * <p>The open scopes of a thread nest; results of operators belong to the innermost. A tensor that
 * must outlive its scope is moved explicitly: {@link #moveOut} to the enclosing scope, {@link
 * #adopt} to any other. A {@link #detached()} scope is not on a thread's stack; networks and
 * optimizers own one.
 */
public final class Scope implements AutoCloseable {
  private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();
  private static final Cleaner CLEANER = Cleaner.create();

  private final @Nullable Scope parent;
  private final @Nullable Thread thread;
  private @Nullable Tensor first;
  private volatile boolean closed;
  private final AtomicBoolean closedFlag = new AtomicBoolean();

  private Scope(@Nullable Scope parent, @Nullable Thread thread) {
    this.parent = parent;
    this.thread = thread;
  }

  /**
   * Opens a scope inside the current one of this thread. Close it on this thread, innermost first.
   */
  public static Scope open() {
    Scope scope = new Scope(CURRENT.get(), Thread.currentThread());
    CURRENT.set(scope);
    return scope;
  }

  /**
   * A scope that holds {@link #adopt adopted} tensors until it is closed, from any thread. If it is
   * garbage-collected without being closed, a warning is logged, with the line that opened it if
   * {@link LeakDetector} traces.
   */
  public static Scope detached() {
    Scope scope = new Scope(null, null);
    AtomicBoolean flag = scope.closedFlag;
    String line = LeakDetector.tracedLine();
    CLEANER.register(scope, () -> warnUnlessClosed(flag, line));
    return scope;
  }

  private static void warnUnlessClosed(AtomicBoolean closed, @Nullable String line) {
    if (!closed.get()) {
      System.getLogger(Scope.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "a scope was dropped without close(); its tensors leak native memory ("
                  + (line == null
                      ? "run with -Djlora.debug.tensors=true to see where it was opened)"
                      : "opened at " + line + ")"));
    }
  }

  /**
   * The innermost open scope of this thread.
   *
   * @throws IllegalStateException if none is open
   */
  public static Scope current() {
    Scope scope = CURRENT.get();
    if (scope == null) {
      throw new IllegalStateException(
          "no scope is open on thread '%s'. Wrap the work in try (var scope = Scope.open()) { ... }"
              .formatted(Thread.currentThread().getName()));
    }
    return scope;
  }

  /** Moves a tensor from its owning scope into this one; returns the same tensor. */
  public Tensor adopt(Tensor tensor) {
    requireOpen();
    tensor.moveTo(this);
    return tensor;
  }

  /**
   * Moves a tensor of the current scope to the enclosing scope; returns the same tensor. A tensor
   * that the current scope does not own lives long enough already and is not moved.
   *
   * @throws IllegalStateException if no scope encloses the current one
   */
  public static Tensor moveOut(Tensor tensor) {
    Scope scope = current();
    if (tensor.owner() != scope) {
      tensor.requireOpen();
      return tensor;
    }
    if (scope.parent == null) {
      throw new IllegalStateException(
          "no scope encloses the current one; adopt %s into another scope instead"
              .formatted(tensor.describe()));
    }
    return scope.parent.adopt(tensor);
  }

  /**
   * Frees everything that this scope still owns.
   *
   * @throws IllegalStateException if it was closed before, belongs to another thread, or an inner
   *     scope is still open
   */
  @Override
  public void close() {
    if (closed) {
      throw new IllegalStateException("this scope is closed already");
    }
    if (thread != null) {
      if (Thread.currentThread() != thread) {
        throw new IllegalStateException(
            "scope of thread '%s' closed by thread '%s'"
                .formatted(thread.getName(), Thread.currentThread().getName()));
      }
      if (CURRENT.get() != this) {
        throw new IllegalStateException("an inner scope is still open; close it first");
      }
      if (parent == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(parent);
      }
    }
    closed = true;
    closedFlag.set(true);
    synchronized (this) {
      while (first != null) {
        first.close();
      }
    }
  }

  /** Whether this scope is closed. */
  public boolean closed() {
    return closed;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("this scope is closed");
    }
  }

  synchronized void link(Tensor tensor) {
    tensor.next = first;
    tensor.previous = null;
    if (first != null) {
      first.previous = tensor;
    }
    first = tensor;
  }

  synchronized void unlink(Tensor tensor) {
    if (tensor.previous != null) {
      tensor.previous.next = tensor.next;
    } else {
      first = tensor.next;
    }
    if (tensor.next != null) {
      tensor.next.previous = tensor.previous;
    }
    tensor.previous = null;
    tensor.next = null;
  }
}
