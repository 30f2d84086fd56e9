package dev.jlora.data;

import dev.jlora.natives.NativeProcess;

/** Lets a thread give way to the training step, and the tokenizer's pool that it starts, too. */
final class LowPriority {
  private static final int NICE = 5;

  private LowPriority() {}

  /** Lowers the priority of the current thread; where that is not possible nothing happens. */
  static void lower() {
    Thread.currentThread().setPriority(Thread.MIN_PRIORITY);
    NativeProcess.giveWay(NICE);
  }
}
