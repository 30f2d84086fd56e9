package dev.jlora.io;

import dev.jlora.io.PickleValues.Dictionary;
import dev.jlora.io.PickleValues.Named;
import dev.jlora.io.PickleValues.None;
import dev.jlora.io.PickleValues.Sequence;
import dev.jlora.io.PickleValues.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the pickles that {@code torch.save} writes. Pickles are programs; this machine has only
 * those of their instructions that build containers, numbers, strings and tensors. A pickle that
 * names any other class or function is refused before anything is done with it. Memory is bounded
 * by the length of the pickle.
 */
final class PickleMachine {
  private final byte[] pickle;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();
  private int at;

  PickleMachine(byte[] pickle) {
    this.pickle = pickle;
  }

  /** The start of a tuple, or of a list's or dictionary's new elements. */
  private enum Mark {
    MARK
  }

  /**
   * The pickled object.
   *
   * @throws PickleException if the pickle is damaged, or has anything else than the above
   */
  Object run() {
    while (true) {
      int code = (int) unsigned(1);
      if (code == '.') {
        Object result = pop();
        if (!stack.isEmpty()) {
          throw PickleValues.damaged();
        }
        return result;
      }
      step(code);
    }
  }

  private void step(int code) {
    switch (code) {
      case 0x80 -> skip(1); // the protocol
      case 0x95 -> skip(8); // a frame
      case '(' -> stack.add(Mark.MARK);
      case '}' -> stack.add(new Dictionary());
      case ']' -> stack.add(new Sequence());
      case ')' -> stack.add(new Tuple(List.of()));
      case 't' -> stack.add(new Tuple(marked()));
      case 0x85, 0x86, 0x87 -> tuple(code - 0x84);
      case 'N' -> stack.add(None.NONE);
      case 0x88 -> stack.add(true);
      case 0x89 -> stack.add(false);
      case 'K' -> stack.add(unsigned(1));
      case 'M' -> stack.add(unsigned(2));
      case 'J' -> stack.add((long) (int) unsigned(4));
      case 0x8a -> stack.add(integer((int) unsigned(1)));
      case 'G' -> stack.add(Double.longBitsToDouble(Long.reverseBytes(unsigned(8))));
      case 'X' -> stack.add(text(unsigned(4)));
      case 0x8c -> stack.add(text(unsigned(1)));
      case 0x8d -> stack.add(text(unsigned(8)));
      case 'q' -> memo.put(unsigned(1), top());
      case 'r' -> memo.put(unsigned(4), top());
      case 0x94 -> memo.put((long) memo.size(), top());
      case 'h' -> stack.add(known(unsigned(1)));
      case 'j' -> stack.add(known(unsigned(4)));
      case 'c' -> stack.add(PickleValues.named(line(), line()));
      case 0x93 -> {
        String name = pop(String.class);
        stack.add(PickleValues.named(pop(String.class), name));
      }
      case 'Q' -> stack.add(PickleValues.storage(pop(Tuple.class).items()));
      case 'R' -> {
        List<Object> arguments = pop(Tuple.class).items();
        stack.add(PickleValues.made(pop(Named.class), arguments));
      }
      case 'b' -> {
        pop(); // what OrderedDict keeps beside its entries
        top(Dictionary.class);
      }
      case 's' -> {
        Object value = pop();
        Object key = pop();
        enter(List.of(key, value));
      }
      case 'u' -> enter(marked());
      case 'a' -> {
        Object value = pop();
        top(Sequence.class).items().add(value);
      }
      case 'e' -> {
        List<Object> items = marked();
        top(Sequence.class).items().addAll(items);
      }
      default ->
          throw new PickleException(
              "has a pickle with the instruction 0x%02x, which tensors do not need"
                  .formatted(code));
    }
  }

  // ---- the stack

  private Object pop() {
    if (stack.isEmpty() || stack.getLast() == Mark.MARK) {
      throw PickleValues.damaged();
    }
    return stack.removeLast();
  }

  private <T> T pop(Class<T> type) {
    T top = top(type);
    stack.removeLast();
    return top;
  }

  private <T> T top(Class<T> type) {
    Object top = top();
    if (!type.isInstance(top)) {
      throw PickleValues.damaged();
    }
    return type.cast(top);
  }

  private Object top() {
    if (stack.isEmpty() || stack.getLast() == Mark.MARK) {
      throw PickleValues.damaged();
    }
    return stack.getLast();
  }

  /** Removes the last mark and the values above it, and returns these values. */
  private List<Object> marked() {
    int mark = stack.lastIndexOf(Mark.MARK);
    if (mark < 0) {
      throw PickleValues.damaged();
    }
    List<Object> items = List.copyOf(stack.subList(mark + 1, stack.size()));
    stack.subList(mark, stack.size()).clear();
    return items;
  }

  private void tuple(int size) {
    Object[] items = new Object[size];
    for (int i = size - 1; i >= 0; i--) {
      items[i] = pop();
    }
    stack.add(new Tuple(List.of(items)));
  }

  /** Adds keys and values in turn to the dictionary on top. */
  private void enter(List<Object> items) {
    Dictionary dictionary = top(Dictionary.class);
    if (items.size() % 2 != 0) {
      throw PickleValues.damaged();
    }
    for (int i = 0; i < items.size(); i += 2) {
      Object key = items.get(i);
      if (!(key instanceof String) && !(key instanceof Long)) {
        throw new PickleException(
            "has a dictionary with %s as a key, expected strings"
                .formatted(PickleValues.what(key)));
      }
      dictionary.entries().put(key, items.get(i + 1));
    }
  }

  private Object known(long index) {
    Object value = memo.get(index);
    if (value == null) {
      throw PickleValues.damaged();
    }
    return value;
  }

  // ---- the bytes

  private void skip(int count) {
    require(count);
    at += count;
  }

  private void require(long count) {
    if (count < 0 || count > pickle.length - at) {
      throw new PickleException("has a pickle that is cut off");
    }
  }

  /** A little-endian number of so many bytes. */
  private long unsigned(int count) {
    require(count);
    long value = 0;
    for (int i = 0; i < count; i++) {
      value |= (pickle[at + i] & 0xffL) << (8 * i);
    }
    at += count;
    return value;
  }

  /** A signed number of so many bytes. */
  private long integer(int count) {
    if (count == 0) {
      return 0;
    }
    if (count > Long.BYTES) {
      throw new PickleException("has a number of %d bytes, expected at most 8".formatted(count));
    }
    int unused = Long.SIZE - 8 * count;
    return unsigned(count) << unused >> unused;
  }

  private String text(long bytes) {
    require(bytes);
    String text = new String(pickle, at, (int) bytes, StandardCharsets.UTF_8);
    at += (int) bytes;
    return text;
  }

  private String line() {
    int end = at;
    while (end < pickle.length && pickle[end] != '\n') {
      end++;
    }
    String line = text(end - at);
    skip(1);
    return line;
  }
}
