package dev.jlora.ffi.cuda;

import dev.jlora.ffi.Downcalls;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.TreeMap;

/**
 * The functions of one library, each bound by its name when the object is made. One that the
 * library lacks is an error only where it is called: an old driver still tells its version.
 */
abstract class BoundLibrary {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle MESSAGE_TO_ERROR = constructor();
  private static final int TEXT_LIMIT = 4096;

  private final SymbolLookup symbols;
  private final Library library;
  private final Map<String, FunctionDescriptor> declared = new TreeMap<>();

  BoundLibrary(SymbolLookup symbols, Library library) {
    this.symbols = symbols;
    this.library = library;
  }

  final MethodHandle function(String name, FunctionDescriptor descriptor) {
    declared.put(name, descriptor);
    return symbols
        .find(name)
        .map(address -> LINKER.downcallHandle(address, descriptor))
        .orElseGet(() -> missing(name, descriptor));
  }

  /** A handle of the same type that says what is missing. */
  private MethodHandle missing(String name, FunctionDescriptor descriptor) {
    var type = descriptor.toMethodType();
    String message =
        "%s has no function '%s'.%n  What to do: %s."
            .formatted(library.label(), name, library.remedy());
    MethodHandle thrower =
        MethodHandles.filterArguments(
            MethodHandles.throwException(type.returnType(), UnsatisfiedLinkError.class),
            0,
            MESSAGE_TO_ERROR);
    return MethodHandles.dropArguments(thrower.bindTo(message), 0, type.parameterList());
  }

  private static MethodHandle constructor() {
    try {
      return MethodHandles.publicLookup()
          .findConstructor(
              UnsatisfiedLinkError.class, MethodType.methodType(void.class, String.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final Map<String, FunctionDescriptor> declared() {
    return Map.copyOf(declared);
  }

  /** What a downcall can throw beside its own failure: nothing that is checked. */
  static RuntimeException unexpected(Throwable thrown) {
    return Downcalls.unexpected(thrown);
  }

  /**
   * A C string that a library lends, at most {@value #TEXT_LIMIT} bytes; empty for a null pointer.
   */
  public static String text(MemorySegment borrowed) {
    return borrowed.address() == 0 ? "" : borrowed.reinterpret(TEXT_LIMIT).getString(0);
  }
}
