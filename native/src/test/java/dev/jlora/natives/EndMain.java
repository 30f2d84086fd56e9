package dev.jlora.natives;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;

/** A process that something in its C library ends with another code, as a destructor could. */
final class EndMain {
  private static final int CODE = 7;
  private static final int OTHER_CODE = 9;

  private EndMain() {}

  public static void main(String[] args) throws Throwable {
    Linker linker = Linker.nativeLinker();
    MemorySegment exit = linker.defaultLookup().findOrThrow("_exit");
    // int __cxa_atexit(void (*function)(void*), void* argument, void* library), which is how
    // compilers have destructors called
    var atExit =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("__cxa_atexit"),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS));
    int _ = (int) atExit.invokeExact(exit, (long) OTHER_CODE, MemorySegment.NULL);
    if (args.length > 0) {
      NativeProcess.endWithoutDestructors();
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("the hook of Java")));
    System.exit(CODE);
  }
}
