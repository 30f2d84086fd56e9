package dev.jlora.tensor;

import static dev.jlora.tensor.NativeCall.check;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.OperatorRegistry;
import dev.jlora.ffi.TensorHandles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The arguments that libtorch passes to a kernel, converted: tensors are owned by the current
 * scope, the rest are Java values.
 *
 * <p>Kinds: {@code t} tensor (or null), {@code i} integer, {@code f} floating-point number, {@code
 * b} boolean, {@code T} list of tensors, {@code I} of integers, {@code B} of booleans; a {@code ?}
 * before a kind marks it as optional.
 */
final class MetaArguments {
  private MetaArguments() {}

  static @Nullable Object[] read(String kinds, long[] slots) {
    @Nullable Object[] values = new Object[slots.length];
    int at = 0;
    for (int i = 0; i < slots.length; i++) {
      boolean optional = kinds.charAt(at) == '?';
      at += optional ? 1 : 0;
      values[i] =
          optional ? present(kinds.charAt(at), slots[i]) : value(kinds.charAt(at), slots[i]);
      at++;
    }
    if (at != kinds.length()) {
      throw new IllegalStateException(
          "%d arguments came, '%s' was expected".formatted(slots.length, kinds));
    }
    return values;
  }

  private static @Nullable Object present(char kind, long cell) {
    if (cell == 0) {
      return null;
    }
    long content = MemorySegment.ofAddress(cell).reinterpret(Long.BYTES).get(JAVA_LONG, 0);
    if (OperatorRegistry.hasDeleteCell()) { // before 2.13 these 8 bytes stay
      OperatorRegistry.deleteCell(cell);
    }
    return value(kind, content);
  }

  private static @Nullable Object value(char kind, long slot) {
    return switch (kind) {
      case 't' -> tensor(slot);
      case 'i' -> slot;
      case 'f' -> Double.longBitsToDouble(slot);
      case 'b' -> (slot & 0xff) != 0;
      case 'T', 'I', 'B' -> list(kind, slot);
      default -> throw new IllegalStateException("kind '%s'".formatted(kind));
    };
  }

  private static @Nullable Tensor tensor(long handle) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      check(TensorHandles.isDefined(handle, out), () -> "is_defined");
      if (out.get(JAVA_BYTE, 0) == 0) {
        TensorHandles.deleteTensor(handle);
        return null;
      }
    }
    return Tensor.foreign(NativeCall.local(), handle);
  }

  private static Object list(char kind, long list) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      check(OperatorRegistry.listSize(list, out), () -> "list_size");
      long[] items = new long[(int) out.get(JAVA_LONG, 0)];
      for (int i = 0; i < items.length; i++) {
        check(OperatorRegistry.listItem(list, i, out), () -> "list_get_item");
        items[i] = out.get(JAVA_LONG, 0);
      }
      OperatorRegistry.deleteList(list);
      if (kind == 'I') {
        return items;
      }
      if (kind == 'B') {
        boolean[] flags = new boolean[items.length];
        for (int i = 0; i < items.length; i++) {
          flags[i] = (items[i] & 0xff) != 0;
        }
        return flags;
      }
      Tensor[] tensors = new Tensor[items.length];
      for (int i = 0; i < items.length; i++) {
        tensors[i] = tensor(items[i]);
      }
      return tensors;
    }
  }
}
