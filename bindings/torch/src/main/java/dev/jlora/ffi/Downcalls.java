package dev.jlora.ffi;

import dev.jlora.natives.NativeTorch;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Binds the functions of one library by name, for the generated classes of this package. That the
 * library has what it must have is checked at once; each function is linked when it is first
 * called.
 */
public final class Downcalls {
  private static final Linker LINKER = Linker.nativeLinker();

  private final SymbolLookup symbols;

  private Downcalls(SymbolLookup symbols, String... required) {
    this.symbols = symbols;
    for (String name : required) {
      find(name);
    }
  }

  /**
   * Functions of libtorch, and of every library that it depends on.
   *
   * @param required names that every supported version exports
   * @throws UnsatisfiedLinkError if it lacks one of these
   */
  static Downcalls torch(String... required) {
    return new Downcalls(NativeTorch.load().symbols(), required);
  }

  /** Functions of the jemalloc that tensors live in; none if there is no jemalloc. */
  static Downcalls jemalloc(String... required) {
    return new Downcalls(
        NativeTorch.load().heap().symbols().orElse(_ -> Optional.empty()), required);
  }

  /** Functions of the C library. */
  static Downcalls libc(String... required) {
    return new Downcalls(LINKER.defaultLookup(), required);
  }

  /** Functions of any library, for tests. */
  static Downcalls of(SymbolLookup symbols, String... required) {
    return new Downcalls(symbols, required);
  }

  private MemorySegment find(String name) {
    return symbols
        .find(name)
        .orElseThrow(
            () ->
                new UnsatisfiedLinkError(
                    ("libtorch does not export '%s'. jlora needs libtorch 2.10 or newer; "
                            + "unset jlora.libtorch to use the one from Maven.")
                        .formatted(name)));
  }

  /** A function that every supported library exports. */
  MethodHandle required(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(find(name), descriptor);
  }

  /** A function that only some versions or builds export; null if it is missing. */
  @Nullable MethodHandle optional(String name, FunctionDescriptor descriptor) {
    return symbols
        .find(name)
        .map(address -> LINKER.downcallHandle(address, descriptor))
        .orElse(null);
  }

  /**
   * A function that neither blocks nor calls back into Java and returns within nanoseconds: the
   * call skips the thread-state transition ({@link Linker.Option#critical}).
   */
  MethodHandle critical(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(find(name), descriptor, Linker.Option.critical(false));
  }

  /** The address of a function that is called from C; null if it is missing. */
  @Nullable MemorySegment address(String name) {
    return symbols.find(name).orElse(null);
  }

  /** An address that is not null. */
  static MemorySegment present(@Nullable MemorySegment address) {
    if (address == null) {
      throw new IllegalStateException("this library is not there; ask available() first");
    }
    return address;
  }

  /** Returns what a downcall threw as an unchecked exception; throws errors. */
  public static RuntimeException unexpected(Throwable thrown) {
    if (thrown instanceof RuntimeException runtime) {
      return runtime;
    }
    if (thrown instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("a downcall threw a checked exception", thrown);
  }
}
