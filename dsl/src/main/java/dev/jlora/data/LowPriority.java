package dev.jlora.data;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Lets a thread give way to the training step. On Linux a thread has a nice value of its own, which
 * the threads it starts inherit: the tokenizer's pool, too. Java's thread priorities do nothing
 * there.
 */
final class LowPriority {
  private static final int PRIO_PROCESS = 0;
  private static final int THIS_THREAD = 0;
  private static final int NICE = 5;

  private LowPriority() {}

  /** int setpriority(int which, id_t who, int priority). */
  private static final class SetPriority {
    static final Optional<MethodHandle> HANDLE =
        Linker.nativeLinker().defaultLookup().find("setpriority").map(SetPriority::bind);

    private static MethodHandle bind(MemorySegment symbol) {
      return Linker.nativeLinker()
          .downcallHandle(
              symbol,
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT));
    }
  }

  /** Lowers the priority of the current thread; where that is not possible nothing happens. */
  static void lower() {
    Thread.currentThread().setPriority(Thread.MIN_PRIORITY);
    if (!System.getProperty("os.name").equals("Linux") || SetPriority.HANDLE.isEmpty()) {
      return; // elsewhere this would slow down the whole process
    }
    try {
      int ignored = (int) SetPriority.HANDLE.get().invokeExact(PRIO_PROCESS, THIS_THREAD, NICE);
    } catch (Throwable e) {
      throw new IllegalStateException("setpriority could not be called", e);
    }
  }
}
