package dev.jlora.cuda;

import org.jspecify.annotations.Nullable;

/**
 * Sets the current GPU of threads. The driver launches on the calling thread's current GPU;
 * libtorch changes it for each of its operators and restores it, and a new thread has none.
 */
public final class GpuThreads {
  /** The GPU that a thread entered last. */
  private static final ThreadLocal<@Nullable Entered> LAST = new ThreadLocal<>();

  private record Entered(Cuda cuda, int gpu) {}

  private final Cuda cuda;
  private final Gpu gpu;
  private final Entered entered;

  /** Threads of one GPU. */
  public GpuThreads(Cuda cuda, Gpu gpu) {
    this.cuda = cuda;
    this.gpu = gpu;
    this.entered = new Entered(cuda, gpu.index());
  }

  /** Makes the GPU current for this thread, unless it is. */
  public void enter() {
    if (!entered.equals(LAST.get())) {
      cuda.enter(gpu);
      LAST.set(entered);
    }
  }
}
