package dev.jlora.data;

import dev.jlora.natives.NativeProcess;

/**
 * Lowers the priority of a thread, and of the tokenizer's pool that it starts, below that of the
 * training step.
 */
final class ThreadPriority {
  private static final int NICE = 5;

  private ThreadPriority() {}

  /** Lowers the priority of the current thread; does nothing if that is not possible. */
  static void lower() {
    Thread.currentThread().setPriority(Thread.MIN_PRIORITY);
    NativeProcess.giveWay(NICE);
  }
}
