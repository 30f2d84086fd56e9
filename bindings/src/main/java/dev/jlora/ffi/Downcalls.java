package dev.jlora.ffi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Binds C functions by name and remembers what was declared, so that a test can hold the
 * declarations against the C header.
 */
public final class Downcalls {
  private static final Linker LINKER = Linker.nativeLinker();

  private final SymbolLookup symbols;
  private final Map<String, FunctionDescriptor> declarations =
      Collections.synchronizedMap(new TreeMap<>());

  Downcalls(SymbolLookup symbols) {
    this.symbols = symbols;
  }

  /** A function that every supported library exports. */
  MethodHandle required(String name, @Nullable MemoryLayout result, MemoryLayout... parameters) {
    MethodHandle handle = optional(name, result, parameters);
    if (handle == null) {
      throw new UnsatisfiedLinkError(
          ("libtorch does not export '%s'. jlora needs libtorch 2.10 or newer; "
                  + "unset jlora.libtorch to use the one Maven brings.")
              .formatted(name));
    }
    return handle;
  }

  /** A function that only some versions or builds export; null where it is missing. */
  @Nullable MethodHandle optional(
      String name, @Nullable MemoryLayout result, MemoryLayout... parameters) {
    FunctionDescriptor descriptor = declare(name, result, parameters);
    return symbols
        .find(name)
        .map(address -> LINKER.downcallHandle(address, descriptor))
        .orElse(null);
  }

  /**
   * A function that neither blocks nor calls back into Java and returns within nanoseconds: the
   * call skips the thread-state transition ({@link Linker.Option#critical}).
   */
  MethodHandle critical(String name, @Nullable MemoryLayout result, MemoryLayout... parameters) {
    FunctionDescriptor descriptor = declare(name, result, parameters);
    return LINKER.downcallHandle(
        symbols.findOrThrow(name), descriptor, Linker.Option.critical(false));
  }

  /** The address of a function that C itself is to call; null where it is missing. */
  @Nullable MemorySegment address(
      String name, @Nullable MemoryLayout result, MemoryLayout... parameters) {
    declare(name, result, parameters);
    return symbols.find(name).orElse(null);
  }

  private FunctionDescriptor declare(
      String name, @Nullable MemoryLayout result, MemoryLayout... parameters) {
    FunctionDescriptor descriptor =
        result == null
            ? FunctionDescriptor.ofVoid(parameters)
            : FunctionDescriptor.of(result, parameters);
    declarations.put(name, descriptor);
    return descriptor;
  }

  /** Name to signature of everything bound so far. */
  Map<String, FunctionDescriptor> declarations() {
    synchronized (declarations) {
      return Map.copyOf(declarations);
    }
  }

  /** What a downcall can throw beside its own failure: nothing that is checked. */
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
