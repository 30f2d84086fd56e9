package dev.jlora.tensor;

import static dev.jlora.tensor.NativeCall.check;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.LibC;
import dev.jlora.ffi.LibTorch;
import dev.jlora.ffi.TensorHandles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One ATen operator, callable by name through libtorch's dispatcher.
 *
 * <p>Arguments are passed in schema order, keyword-only ones included, and all of them must be
 * given:
 *
 * <ul>
 *   <li>{@code Tensor}, {@code int} ({@link Long} or {@link Integer}), {@code float} ({@link
 *       Double}), {@code bool} ({@link Boolean}), {@code str} ({@link String}), {@code ScalarType}
 *       ({@link DType});
 *   <li>{@code int[]} as {@code long[]}, {@code bool[]} as {@code boolean[]}, {@code Tensor[]} as
 *       {@code Tensor[]};
 *   <li>an optional ({@code X?}) as {@code null} or {@link #some}{@code (value)};
 *   <li>{@link #NO_TENSOR} for a required {@code Tensor} parameter without a value.
 * </ul>
 *
 * <p>All tensors of a call must be on one device, except that a 0-dim CPU tensor may be combined
 * with any device.
 *
 * <p>Operators with a {@code Scalar} parameter cannot be called this way (libtorch 2.10 to 2.14
 * reject them); {@code Ops} has alternatives. The caller keeps ownership of inputs; the current
 * scope owns the results.
 */
public final class Operator {
  /** Placeholder for an absent tensor in a plain {@code Tensor} parameter. */
  public static final Object NO_TENSOR =
      new Object() {
        @Override
        public String toString() {
          return "no tensor";
        }
      };

  private final String name;
  private final MemorySegment nativeName;
  private final MemorySegment nativeOverload;

  private final boolean hostNumbers;

  private Operator(String qualified, boolean hostNumbers) {
    this.name = qualified;
    this.hostNumbers = hostNumbers;
    int dot = qualified.indexOf('.');
    this.nativeName =
        Arena.global().allocateFrom(dot < 0 ? qualified : qualified.substring(0, dot));
    this.nativeOverload = Arena.global().allocateFrom(dot < 0 ? "" : qualified.substring(dot + 1));
  }

  /**
   * An operator by its qualified name, such as {@code aten::sum.dim_IntList}; keep it in a
   * constant.
   */
  public static Operator of(String qualified) {
    return new Operator(qualified, false);
  }

  /**
   * An operator that accepts a vector of numbers on the CPU, regardless of the device of its other
   * tensors.
   */
  public static Operator withHostNumbers(String qualified) {
    return new Operator(qualified, true);
  }

  /** The present value of an optional parameter. */
  public record Some(Object value) {}

  /** Marks the value of an optional parameter as present; null stays absent. */
  public static @Nullable Object some(@Nullable Object value) {
    return value == null ? null : new Some(value);
  }

  /** Calls an operator with one tensor result. */
  public Tensor one(@Nullable Object... arguments) {
    NativeCall call = invoke(arguments);
    return Tensor.own(call, call.stack.getAtIndex(JAVA_LONG, 0));
  }

  /** Calls an operator with several tensor results; an absent result is null. */
  public @Nullable Tensor[] many(int results, @Nullable Object... arguments) {
    NativeCall call = invoke(arguments);
    long[] handles = new long[results];
    for (int i = 0; i < results; i++) {
      handles[i] = call.stack.getAtIndex(JAVA_LONG, i);
    }
    @Nullable Tensor[] tensors = new Tensor[results];
    for (int i = 0; i < results; i++) {
      tensors[i] = defined(call, handles[i]) ? Tensor.own(call, handles[i]) : null;
    }
    return tensors;
  }

  /**
   * Calls an operator for its effect; handles that it returns for its in-place arguments are freed.
   */
  public void run(int results, @Nullable Object... arguments) {
    NativeCall call = invoke(arguments);
    for (int i = 0; i < results; i++) {
      TensorHandles.deleteTensor(call.stack.getAtIndex(JAVA_LONG, i));
    }
  }

  /** The qualified name. */
  public String name() {
    return name;
  }

  private static boolean defined(NativeCall call, long handle) {
    check(TensorHandles.isDefined(handle, call.out), () -> "is_defined");
    boolean defined = (call.outInt() & 0xff) != 0;
    if (!defined) {
      TensorHandles.deleteTensor(handle);
    }
    return defined;
  }

  private NativeCall invoke(@Nullable Object[] arguments) {
    NativeCall call = NativeCall.local();
    Tensor first = null;
    for (Object argument : arguments) {
      first = requireUsable(first, argument);
    }
    for (int i = 0; i < NativeCall.SLOTS; i++) {
      call.stack.setAtIndex(JAVA_LONG, i, i < arguments.length ? encode(call, arguments[i]) : 0L);
    }
    int status =
        LibTorch.callDispatcher(nativeName, nativeOverload, call.stack, Torch.abiVersion());
    if (first != null && first.device().kind() == Device.Kind.META) {
      MetaRegistry.throwFailure();
    }
    check(status, () -> describe(arguments));
    return call;
  }

  /**
   * Fails before any native object is created for the call.
   *
   * @param first the tensor that determines the device of the call, null if none was seen yet
   * @return that tensor
   */
  private @Nullable Tensor requireUsable(@Nullable Tensor first, @Nullable Object argument) {
    Tensor leading = first;
    switch (argument) {
      case Tensor tensor -> leading = beside(leading, tensor);
      case Tensor[] tensors -> {
        for (Tensor tensor : tensors) {
          leading = beside(leading, Objects.requireNonNull(tensor, "a tensor of a list"));
        }
      }
      case Some(Object value) -> leading = requireUsable(leading, value);
      case null, default -> {}
    }
    return leading;
  }

  private @Nullable Tensor beside(@Nullable Tensor first, Tensor tensor) {
    tensor.requireOpen();
    if (tensor.rawShape().length <= (hostNumbers ? 1 : 0) && tensor.device().host()) {
      return first;
    }
    if (first != null && !first.device().equals(tensor.device())) {
      throw new IllegalArgumentException(
          "%s: got %s on %s and %s on %s, expected one device; move one with to(Device)"
              .formatted(
                  name, first.describe(), first.device(), tensor.describe(), tensor.device()));
    }
    return first == null ? tensor : first;
  }

  private static long encode(NativeCall call, @Nullable Object argument) {
    return switch (argument) {
      case null -> 0L;
      case Tensor tensor -> fresh(call, tensor);
      case Long value -> value;
      case Integer value -> value;
      case Double value -> Double.doubleToRawLongBits(value);
      case Boolean value -> value ? 1L : 0L;
      case DType dtype -> dtype.code();
      case Device device -> (long) device.kind().code() << 32 | device.index();
      case String text -> string(call, text);
      case long[] values -> {
        long list = list(call, values.length);
        for (long value : values) {
          append(list, value);
        }
        yield list;
      }
      case boolean[] values -> {
        long list = list(call, values.length);
        for (boolean value : values) {
          append(list, value ? 1 : 0);
        }
        yield list;
      }
      case Tensor[] tensors -> {
        long list = list(call, tensors.length);
        for (Tensor tensor : tensors) {
          append(list, fresh(call, tensor));
        }
        yield list;
      }
      case Some[] optionals -> {
        long list = list(call, optionals.length);
        for (Some optional : optionals) {
          append(list, encode(call, optional));
        }
        yield list;
      }
      case Some(Object value) -> cell(call, encode(call, value));
      case Object none when none == NO_TENSOR -> {
        check(TensorHandles.newUndefinedTensor(call.out), () -> "new_uninitialized_tensor");
        yield call.outLong();
      }
      default ->
          throw new IllegalArgumentException(
              "argument of %s: no operator takes it".formatted(argument.getClass()));
    };
  }

  /** Creates a new handle, because the dispatcher consumes handles. */
  private static long fresh(NativeCall call, Tensor tensor) {
    check(
        TensorHandles.newTensorHandle(tensor.handle(), call.out),
        () -> "new_tensor_handle " + tensor.describe());
    return call.outLong();
  }

  private static long list(NativeCall call, int capacity) {
    check(LibTorch.newList(capacity, call.out), () -> "new_list");
    return call.outLong();
  }

  private static void append(long list, long value) {
    check(LibTorch.listAdd(list, value), () -> "list_push_back");
  }

  private static long string(NativeCall call, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(bytes.length, 1));
      MemorySegment.copy(bytes, 0, copy, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, bytes.length);
      check(LibTorch.newString(copy, bytes.length, call.out), () -> "new_string");
    }
    return call.outLong();
  }

  private static long cell(NativeCall call, long content) {
    MemorySegment cell;
    if (LibTorch.hasNewCell()) {
      check(LibTorch.newCell(call.out), () -> "new_stable_ivalue");
      cell = call.out.get(ADDRESS, 0);
    } else {
      cell = LibC.malloc(Long.BYTES);
    }
    cell.reinterpret(Long.BYTES).set(JAVA_LONG, 0, content);
    return cell.address();
  }

  private String describe(@Nullable Object[] arguments) {
    return Arrays.stream(arguments)
        .map(Operator::text)
        .collect(Collectors.joining(", ", name + "(", ")"));
  }

  private static String text(@Nullable Object argument) {
    return switch (argument) {
      case null -> "none";
      case Tensor tensor -> tensor.describe();
      case Tensor[] tensors ->
          Stream.of(tensors).map(Tensor::describe).collect(Collectors.joining(", ", "[", "]"));
      case long[] values -> Arrays.toString(values);
      case boolean[] values -> Arrays.toString(values);
      case Some[] optionals -> Arrays.stream(optionals).map(Operator::text).toList().toString();
      case Some(Object value) -> text(value);
      default -> argument.toString();
    };
  }
}
