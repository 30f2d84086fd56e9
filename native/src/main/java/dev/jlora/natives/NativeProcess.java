package dev.jlora.natives;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Process functions of the C library that Java lacks. A function that the C library does not have
 * does nothing: results never depend on one.
 */
public final class NativeProcess {
  private static final int KEEP = 0;
  private static final int PRIO_PROCESS = 0;
  private static final int THIS_THREAD = 0;
  private static final int OMP_PAUSE_SOFT = 1;
  private static final int SIGINT = 2;
  private static final int SIGTERM = 15;
  private static final int RLIMIT_CORE = 4;
  private static final int RLIMIT_AS = 9;

  private NativeProcess() {}

  /**
   * Sets a variable in the native environment, unless it is set there. {@link System#getenv} does
   * not see the change.
   */
  public static void setVariableUnlessSet(String name, String value) {
    // int setenv(const char* name, const char* value, int overwrite)
    call("setenv", ADDRESS, ADDRESS, JAVA_INT)
        .ifPresent(
            setenv -> {
              try (Arena arena = Arena.ofConfined()) {
                int _ =
                    (int)
                        setenv.invokeExact(
                            arena.allocateFrom(name), arena.allocateFrom(value), KEEP);
              } catch (Throwable t) {
                throw new AssertionError("setenv takes two strings and an int", t);
              }
            });
  }

  /**
   * Lowers the scheduling priority of this thread and of those it starts from now on. On Linux a
   * thread has its own nice value; Java's thread priorities have no effect there.
   *
   * @param nice 1 (a little lower) to 19 (runs only when a processor is idle)
   */
  public static void giveWay(int nice) {
    if (!System.getProperty("os.name").startsWith("Linux")) {
      return; // elsewhere it would slow down the whole process
    }
    // int setpriority(int which, id_t who, int priority)
    call("setpriority", JAVA_INT, JAVA_INT, JAVA_INT)
        .ifPresent(
            setpriority -> {
              try {
                int _ = (int) setpriority.invokeExact(PRIO_PROCESS, THIS_THREAD, nice);
              } catch (Throwable t) {
                throw new AssertionError("setpriority takes three ints", t);
              }
            });
  }

  /**
   * Limits the address space of this process, so that excessive allocations fail in it rather than
   * exhaust the machine, and disables core files. Linux only; does nothing elsewhere.
   *
   * @param bytes of address space, including what is mapped already
   */
  public static void limitMemory(long bytes) {
    if (!System.getProperty("os.name").startsWith("Linux")) {
      return; // the numbers of resources are Linux's
    }
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_AS, bytes);
  }

  /**
   * Makes this process ignore SIGINT and SIGTERM, which terminals and service managers send to all
   * processes of a group: its parent decides when it ends.
   */
  public static void ignoreStopSignals() {
    // sighandler_t signal(int number, sighandler_t handler), SIG_IGN is 1
    FunctionDescriptor signature = FunctionDescriptor.of(ADDRESS, JAVA_INT, ADDRESS);
    Linker.nativeLinker()
        .defaultLookup()
        .find("signal")
        .map(symbol -> Linker.nativeLinker().downcallHandle(symbol, signature))
        .ifPresent(
            signal -> {
              try {
                for (int number : new int[] {SIGINT, SIGTERM}) {
                  var _ = (MemorySegment) signal.invokeExact(number, MemorySegment.ofAddress(1));
                }
              } catch (Throwable t) {
                throw new AssertionError("signal takes an int and a pointer", t);
              }
            });
  }

  private static void limit(int resource, long bytes) {
    // int setrlimit(int resource, const struct rlimit { rlim_t soft, hard; }*)
    call("setrlimit", JAVA_INT, ADDRESS)
        .ifPresent(
            setrlimit -> {
              try (Arena arena = Arena.ofConfined()) {
                int _ =
                    (int)
                        setrlimit.invokeExact(
                            resource, arena.allocateFrom(JAVA_LONG, bytes, bytes));
              } catch (Throwable t) {
                throw new AssertionError("setrlimit takes an int and a pointer", t);
              }
            });
  }

  /** Ends the OpenMP threads that wait for this one; its next parallel region starts new ones. */
  static void endThreads(SymbolLookup openMp) {
    // int omp_pause_resource_all(omp_pause_resource_t kind)
    call(openMp, "omp_pause_resource_all", JAVA_INT)
        .ifPresent(
            pause -> {
              try {
                int _ = (int) pause.invokeExact(OMP_PAUSE_SOFT);
              } catch (Throwable t) {
                throw new AssertionError("omp_pause_resource_all takes an int", t);
              }
            });
  }

  /**
   * Makes this process skip the destructors of libraries that are open now, once Java has shut
   * down: libtorch's take a tenth of a second to free memory that the exit frees anyway. Data in
   * unflushed C stdio buffers is lost.
   */
  static void endWithoutDestructors() {
    // int on_exit(void (*function)(int status, void*), void*); what was said last is called first,
    // and void _exit(int status) fits
    call("on_exit", ADDRESS, ADDRESS)
        .ifPresent(
            onExit -> {
              MemorySegment exit = Linker.nativeLinker().defaultLookup().findOrThrow("_exit");
              try {
                int _ = (int) onExit.invokeExact(exit, MemorySegment.NULL);
              } catch (Throwable t) {
                throw new AssertionError("on_exit takes a function and a pointer", t);
              }
            });
  }

  /** Sets a parameter of glibc's allocator; other C libraries have none. */
  static void mallopt(int parameter, int value) {
    // int mallopt(int param, int value)
    call("mallopt", JAVA_INT, JAVA_INT)
        .ifPresent(
            mallopt -> {
              try {
                int _ = (int) mallopt.invokeExact(parameter, value);
              } catch (Throwable t) {
                throw new AssertionError("mallopt takes two ints", t);
              }
            });
  }

  /** A C library function that returns an int. */
  private static Optional<MethodHandle> call(String name, MemoryLayout... parameters) {
    return call(Linker.nativeLinker().defaultLookup(), name, parameters);
  }

  private static Optional<MethodHandle> call(
      SymbolLookup library, String name, MemoryLayout... parameters) {
    FunctionDescriptor signature = FunctionDescriptor.of(JAVA_INT, parameters);
    return library
        .find(name)
        .map(symbol -> Linker.nativeLinker().downcallHandle(symbol, signature));
  }
}
