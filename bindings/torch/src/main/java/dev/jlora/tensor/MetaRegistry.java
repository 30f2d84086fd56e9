package dev.jlora.tensor;

import static dev.jlora.tensor.NativeCall.check;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.OperatorRegistry;
import dev.jlora.ffi.TensorHandles;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * Registers Java functions for operators that libtorch cannot run on {@link Device#META}, because
 * PyTorch has their shape functions in Python. They stay registered until the process ends.
 */
final class MetaRegistry {
  /** Computes the results: tensors, or null for absent ones. */
  @FunctionalInterface
  interface Shape {
    @Nullable Object[] of(@Nullable Object[] arguments);
  }

  /** The exception of the last failed kernel of this process, until it is rethrown. */
  private static volatile @Nullable Throwable failure;

  private static final MethodHandle ENTER = enter();

  private final long library;

  MetaRegistry() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      check(
          OperatorRegistry.newLibrary(
              Arena.global().allocateFrom("aten"),
              Arena.global().allocateFrom("Meta"),
              Arena.global().allocateFrom("jlora"),
              0,
              out),
          () -> "library_init_impl");
      library = out.get(JAVA_LONG, 0);
    }
  }

  /**
   * Registers a kernel.
   *
   * @param name without namespace, such as {@code where.self}
   * @param kinds one letter per argument, see {@link MetaArguments}
   */
  void put(String name, String kinds, Shape shape) {
    MethodHandle bound = MethodHandles.insertArguments(ENTER, 0, kinds, shape);
    MemorySegment stub =
        Linker.nativeLinker()
            .upcallStub(
                bound, FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, JAVA_LONG), Arena.global());
    check(
        OperatorRegistry.implement(
            library, Arena.global().allocateFrom(name), stub, Torch.abiVersion()),
        () -> "library_impl(" + name + ")");
  }

  /** Rethrows the exception of the last failed kernel: nothing may be thrown through libtorch. */
  static void throwFailure() {
    Throwable thrown = failure;
    if (thrown != null) {
      failure = null;
      throw new IllegalStateException("meta: " + thrown.getMessage(), thrown);
    }
  }

  @SuppressWarnings("unused") // through the upcall stubs
  private static void enter(
      String kinds, Shape shape, MemorySegment borrowed, long arguments, long results) {
    MemorySegment stack = borrowed.reinterpret(Math.max(arguments, results) * Long.BYTES);
    long[] slots = new long[(int) arguments];
    MemorySegment.copy(stack, JAVA_LONG, 0, slots, 0, slots.length);
    @Nullable Object[] found = new Object[(int) results];
    try (Scope scope = Scope.open()) {
      try {
        found = shape.of(MetaArguments.read(kinds, slots));
      } catch (RuntimeException | Error thrown) {
        failure = thrown;
      }
      for (int i = 0; i < results; i++) {
        stack.setAtIndex(JAVA_LONG, i, slot(found[i]));
      }
    } catch (RuntimeException | Error thrown) {
      failure = thrown;
    }
  }

  private static long slot(@Nullable Object result) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      if (result instanceof Tensor tensor) {
        check(TensorHandles.newTensorHandle(tensor.handle(), out), () -> "new_tensor_handle");
      } else {
        check(TensorHandles.newUndefinedTensor(out), () -> "new_uninitialized_tensor");
      }
      return out.get(JAVA_LONG, 0);
    }
  }

  private static MethodHandle enter() {
    try {
      return MethodHandles.lookup()
          .findStatic(
              MetaRegistry.class,
              "enter",
              MethodType.methodType(
                  void.class,
                  String.class,
                  Shape.class,
                  MemorySegment.class,
                  long.class,
                  long.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
