package dev.jlora.io;

import dev.jlora.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The values of PyTorch's pickles, and the only names that a pickle may use to make them: a list of
 * what is allowed, so that nothing else can be.
 */
final class PickleValues {
  private static final Map<String, Named> NAMES = names();

  private PickleValues() {}

  private enum Kind {
    ORDERED_DICT,
    TENSOR,
    PARAMETER,
    SIZE,
    STORAGE
  }

  /** A name that a pickle may use; storages have a dtype. */
  record Named(String name, Kind kind, @Nullable DType dtype) {}

  /** {@code None}. */
  enum None {
    NONE
  }

  /** A tuple; its elements never change. */
  record Tuple(List<Object> items) {}

  /** A list; compared by identity, as it may contain itself. */
  static final class Sequence {
    private final List<Object> items = new ArrayList<>();

    /** Its elements, which may be added to. */
    List<Object> items() {
      return items;
    }
  }

  /** A dictionary; compared by identity, as it may contain itself. */
  static final class Dictionary {
    private final Map<Object, Object> entries = new LinkedHashMap<>();

    /** Its entries, in order. */
    Map<Object, Object> entries() {
      return entries;
    }
  }

  /** The memory of tensors, an entry of the archive. */
  record Storage(DType dtype, String key, long elements) {}

  /** A tensor: a part of a storage. Sizes, strides and offset count elements and fit. */
  record SavedTensor(Storage storage, long offset, long[] shape, long[] strides) {}

  private static Map<String, Named> names() {
    Map<String, Named> names = new HashMap<>();
    put(names, "collections.OrderedDict", Kind.ORDERED_DICT, null);
    put(names, "torch._utils._rebuild_tensor_v2", Kind.TENSOR, null);
    put(names, "torch._utils._rebuild_parameter", Kind.PARAMETER, null);
    put(names, "torch.Size", Kind.SIZE, null);
    put(names, "torch.FloatStorage", Kind.STORAGE, DType.FLOAT32);
    put(names, "torch.DoubleStorage", Kind.STORAGE, DType.FLOAT64);
    put(names, "torch.HalfStorage", Kind.STORAGE, DType.FLOAT16);
    put(names, "torch.BFloat16Storage", Kind.STORAGE, DType.BFLOAT16);
    put(names, "torch.LongStorage", Kind.STORAGE, DType.INT64);
    put(names, "torch.IntStorage", Kind.STORAGE, DType.INT32);
    put(names, "torch.ShortStorage", Kind.STORAGE, DType.INT16);
    put(names, "torch.CharStorage", Kind.STORAGE, DType.INT8);
    put(names, "torch.ByteStorage", Kind.STORAGE, DType.UINT8);
    put(names, "torch.BoolStorage", Kind.STORAGE, DType.BOOL);
    return names;
  }

  private static void put(Map<String, Named> names, String name, Kind kind, @Nullable DType dtype) {
    names.put(name, new Named(name, kind, dtype));
  }

  /**
   * A name that is allowed.
   *
   * @throws PickleException with the name, if it is not
   */
  static Named named(String module, String name) {
    String whole = module + "." + name;
    Named known = NAMES.get(whole);
    if (known == null) {
      String shown = whole.length() > 200 ? whole.substring(0, 200) + "..." : whole;
      throw new PickleException(
          "names %s, which is refused: it is neither a tensor nor a container".formatted(shown));
    }
    return known;
  }

  /** Calls the function with this name. */
  static Object made(Named what, List<Object> arguments) {
    return switch (what.kind) {
      case ORDERED_DICT -> {
        if (!arguments.isEmpty()) {
          throw damaged();
        }
        yield new Dictionary();
      }
      case SIZE -> argument(arguments, 0, Tuple.class);
      case PARAMETER -> argument(arguments, 0, SavedTensor.class);
      case TENSOR -> tensor(arguments);
      case STORAGE -> throw damaged();
    };
  }

  /** A storage is pickled as ("storage", its type, the name of its entry, a device, elements). */
  static Storage storage(List<Object> id) {
    Named type = argument(id, 1, Named.class);
    long elements = argument(id, 4, Long.class);
    String key = argument(id, 2, String.class);
    if (!id.getFirst().equals("storage")
        || type.dtype == null
        || elements < 0
        || elements > Long.MAX_VALUE / type.dtype.bytes()
        || key.contains("/")) {
      throw damaged();
    }
    return new Storage(type.dtype, key, elements);
  }

  private static SavedTensor tensor(List<Object> arguments) {
    Storage storage = argument(arguments, 0, Storage.class);
    long offset = argument(arguments, 1, Long.class);
    long[] shape = numbers(argument(arguments, 2, Tuple.class));
    long[] strides = numbers(argument(arguments, 3, Tuple.class));
    if (offset < 0 || shape.length != strides.length) {
      throw damaged();
    }
    try {
      long elements = 1;
      long last = offset;
      for (int d = 0; d < shape.length; d++) {
        elements = Math.multiplyExact(elements, shape[d]);
        last = Math.addExact(last, Math.multiplyExact(Math.max(shape[d] - 1, 0), strides[d]));
      }
      boolean fits = last < storage.elements && elements <= storage.elements;
      if (elements > 0 && !fits) {
        throw new PickleException(
            "has a tensor of %d elements that exceeds its storage of %d"
                .formatted(elements, storage.elements));
      }
    } catch (ArithmeticException e) {
      throw damaged();
    }
    return new SavedTensor(storage, offset, shape, strides);
  }

  private static long[] numbers(Tuple tuple) {
    long[] numbers = new long[tuple.items.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = argument(tuple.items, i, Long.class);
      if (numbers[i] < 0) {
        throw damaged();
      }
    }
    return numbers;
  }

  private static <T> T argument(List<Object> arguments, int index, Class<T> type) {
    if (index >= arguments.size() || !type.isInstance(arguments.get(index))) {
      throw damaged();
    }
    return type.cast(arguments.get(index));
  }

  /** A description of a value, for messages. */
  static String what(Object value) {
    return switch (value) {
      case String text -> "'%s'".formatted(text);
      case Long number -> "the number " + number;
      case Double number -> "the number " + number;
      case Boolean bool -> bool.toString();
      case Dictionary _ -> "a dictionary";
      case Sequence _ -> "a list";
      case Tuple _ -> "a tuple";
      case SavedTensor _ -> "a tensor";
      case Named named -> named.name;
      default -> "None";
    };
  }

  static PickleException damaged() {
    return new PickleException("has a damaged pickle");
  }
}
