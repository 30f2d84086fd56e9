package dev.jlora.natives;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Phaser;

/** A process in which a thread of OpenMP calls Java, and then is to go. */
final class ExitMain {
  private static final int CODE = 7;
  private static final int THREADS = 2;
  private static final Phaser BOTH = new Phaser(THREADS);

  private ExitMain() {}

  /** The body of the parallel region: so that each thread runs it once, they wait here. */
  static void meet(MemorySegment data) {
    BOTH.arriveAndAwaitAdvance();
  }

  public static void main(String[] args) throws Throwable {
    NativeTorch.prepareExit(); // before there is anything to end
    Linker linker = Linker.nativeLinker();
    MethodHandle meet =
        MethodHandles.lookup()
            .findStatic(
                ExitMain.class, "meet", MethodType.methodType(void.class, MemorySegment.class));
    MemorySegment stub =
        linker.upcallStub(meet, FunctionDescriptor.ofVoid(ADDRESS), Arena.global());
    // void GOMP_parallel(void (*body)(void*), void* data, unsigned threads, unsigned flags)
    MethodHandle parallel =
        linker.downcallHandle(
            NativeTorch.load().symbols().findOrThrow("GOMP_parallel"),
            FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_INT, JAVA_INT));
    int before = javaThreads();
    parallel.invokeExact(stub, MemorySegment.NULL, THREADS, 0);
    System.out.println("came: " + (javaThreads() - before));
    NativeTorch.prepareExit();
    for (int i = 0; i < 500 && javaThreads() > before; i++) {
      Thread.sleep(10);
    }
    System.out.println("left: " + (javaThreads() - before));
    System.exit(CODE);
  }

  private static int javaThreads() {
    return Thread.getAllStackTraces().size();
  }
}
