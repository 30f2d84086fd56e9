package dev.jlora.natives;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Opens libraries for the rest of the process; failures carry the dynamic loader's message. */
final class DynamicLoader {
  /** Dependencies first; a library finds its dependencies among those already open. */
  private static final List<String> LOADING_ORDER =
      List.of(
          "libgcc_s.so.1",
          "libquadmath.so.0",
          "libgfortran.so.5",
          "libopenblas.so.0",
          "libgomp.so.1",
          "libc10.so",
          "libtorch_cpu.so",
          "libtorch.so");

  private static final int RTLD_NOW = 2;
  private static final long TEXT_LIMIT = 4096;

  private DynamicLoader() {}

  /** The libtorch libraries in a folder, in the order to open them. */
  static List<Path> inLoadingOrder(Path folder) {
    return LOADING_ORDER.stream().map(folder::resolve).filter(Files::isRegularFile).toList();
  }

  /**
   * Opens a library by absolute path.
   *
   * @return its symbols, and those of the libraries that it depends on
   * @throws NativeLoadException with the dynamic loader's text
   */
  static SymbolLookup open(Path library, String remedy) {
    try {
      return SymbolLookup.libraryLookup(library, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new NativeLoadException(
          "%s cannot be loaded: %s.".formatted(library, reason(library)), remedy, e);
    }
  }

  /** Asks the dynamic loader for the reason, since Java drops the text of dlerror. */
  private static String reason(Path library) {
    // void* dlopen(const char* file, int mode); char* dlerror(void)
    MethodHandle dlopen = handle("dlopen", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
    MethodHandle dlerror = handle("dlerror", FunctionDescriptor.of(ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment file = arena.allocateFrom(library.toString());
      MemorySegment opened = (MemorySegment) dlopen.invokeExact(file, RTLD_NOW);
      MemorySegment text = (MemorySegment) dlerror.invokeExact();
      boolean silent = opened.address() != 0 || text.address() == 0;
      return silent ? "no reason given" : text.reinterpret(TEXT_LIMIT).getString(0);
    } catch (Throwable t) {
      throw new AssertionError("dlopen takes a string and an int, dlerror nothing", t);
    }
  }

  private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
  }
}
