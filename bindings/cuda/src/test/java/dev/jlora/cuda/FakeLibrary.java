package dev.jlora.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A native library whose functions are written in Java: what calls it crosses the same border as to
 * the real one. Every declared function returns 0 unless a test says otherwise.
 */
public final class FakeLibrary implements SymbolLookup {
  /** A function: arguments as the border passes them, an int or an address back. */
  public interface Body {
    Object call(Object... arguments);
  }

  /** For any function: a C function may be given more arguments than it looks at. */
  private static final MemorySegment SUCCESS = success();

  private final Map<String, MemorySegment> stubs = new HashMap<>();
  private final Map<String, FunctionDescriptor> declared;
  private final List<String> calls = new ArrayList<>();

  /** Of the functions that a binding declares. */
  public FakeLibrary(Map<String, FunctionDescriptor> declared) {
    this.declared = declared;
  }

  /** Gives a function a body. */
  public FakeLibrary on(String name, Body body) {
    stubs.put(name, stub(name, body));
    return this;
  }

  /** Lets a function return an error code. */
  public FakeLibrary failing(String name, int code) {
    return on(name, arguments -> code);
  }

  /** Names of the functions called so far, in order; of those alone that a test gave a body. */
  public List<String> calls() {
    return List.copyOf(calls);
  }

  @Override
  public Optional<MemorySegment> find(String name) {
    if (!declared.containsKey(name)) {
      return Optional.empty();
    }
    return Optional.of(stubs.getOrDefault(name, SUCCESS));
  }

  private static MemorySegment success() {
    return Linker.nativeLinker()
        .upcallStub(
            MethodHandles.constant(int.class, 0),
            FunctionDescriptor.of(ValueLayout.JAVA_INT),
            Arena.global());
  }

  private MemorySegment stub(String name, Body body) {
    FunctionDescriptor descriptor = declared.get(name);
    Body logged =
        arguments -> {
          calls.add(name);
          return body.call(arguments);
        };
    try {
      MethodType type = descriptor.toMethodType();
      MethodHandle handle =
          MethodHandles.publicLookup()
              .findVirtual(Body.class, "call", MethodType.methodType(Object.class, Object[].class))
              .bindTo(logged)
              .asCollector(Object[].class, type.parameterCount())
              .asType(type);
      return Linker.nativeLinker().upcallStub(handle, descriptor, Arena.global());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** Where an out parameter points to. */
  public static MemorySegment out(Object argument, long bytes) {
    return ((MemorySegment) argument).reinterpret(bytes);
  }
}
