package dev.jlora.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.SafetensorsFile.Entry;
import dev.jlora.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The checked header of a safetensors file: eight bytes of length (little-endian), that many bytes
 * of JSON, then the tensors without gaps. Every byte belongs to exactly one tensor.
 */
record SafetensorsHeader(Map<String, Entry> entries, Map<String, String> metadata) {
  /** The limit of the reference implementation. */
  static final long MAX_BYTES = 100_000_000;

  /** The most dimensions of a tensor; NumPy's limit, too. */
  private static final int DIMENSIONS = 64;

  /** The most characters of a name or a list in a message. */
  private static final int SHOWN = 200;

  /** The only key that is not the name of a tensor. */
  static final String METADATA = "__metadata__";

  private static final ValueLayout.OfLong LITTLE_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final String AGAIN = "Fetch or save the file again.";

  /** Names of dtypes in the file. */
  private static final Map<String, DType> DTYPES =
      Map.ofEntries(
          Map.entry("F64", DType.FLOAT64),
          Map.entry("F32", DType.FLOAT32),
          Map.entry("F16", DType.FLOAT16),
          Map.entry("BF16", DType.BFLOAT16),
          Map.entry("I64", DType.INT64),
          Map.entry("I32", DType.INT32),
          Map.entry("I16", DType.INT16),
          Map.entry("I8", DType.INT8),
          Map.entry("U64", DType.UINT64),
          Map.entry("U8", DType.UINT8),
          Map.entry("BOOL", DType.BOOL));

  /** The name of {@code dtype} in the file. */
  static String nameOf(DType dtype) {
    for (var known : DTYPES.entrySet()) {
      if (known.getValue() == dtype) {
        return known.getKey();
      }
    }
    throw new IllegalArgumentException(dtype + " has no name in safetensors");
  }

  static SafetensorsHeader read(Path file, MemorySegment mapping) {
    return new Reader(file, mapping).read();
  }

  /** Reads one file; the fields are needed for messages. */
  private record Reader(Path file, MemorySegment mapping) {
    SafetensorsHeader read() {
      long size = mapping.byteSize();
      if (size < 8) {
        throw wrong("has %,d bytes, too few for a safetensors file (at least 10).", size);
      }
      long length = mapping.get(LITTLE_LONG, 0);
      if (length < 2 || length > MAX_BYTES) {
        throw wrong(
            "says that its header has %s bytes, expected 2 to %,d; this is not a safetensors file.",
            Long.toUnsignedString(length), MAX_BYTES);
      }
      if (length > size - 8) {
        throw wrong(
            "is truncated: its header should have %,d bytes, the file has %,d after its length.",
            length, size - 8);
      }
      return entries(json(length), 8 + length, size - 8 - length);
    }

    private ObjectNode json(long length) {
      try {
        String text =
            StandardCharsets.UTF_8
                .newDecoder()
                .decode(mapping.asSlice(8, length).asByteBuffer())
                .toString();
        return Json.object(text, file + " (header)");
      } catch (OutOfMemoryError e) {
        throw new TooLargeException(
            file,
            "has a header of %,d bytes, for which Java's heap of %,d MiB is too small."
                .formatted(length, Runtime.getRuntime().maxMemory() >> 20),
            "Check the file, or give Java more memory: JLORA_OPTS=-Xmx8g.",
            e);
      } catch (CharacterCodingException e) {
        throw wrong("has a header that is not UTF-8 text.");
      }
    }

    private SafetensorsHeader entries(ObjectNode json, long start, long available) {
      Map<String, String> metadata = new LinkedHashMap<>();
      List<Entry> entries = new ArrayList<>();
      for (var field : json.properties()) {
        if (field.getKey().equals(METADATA)) {
          metadata.putAll(metadata(field.getValue()));
        } else {
          entries.add(entry(field.getKey(), field.getValue(), start, available));
        }
      }
      entries.sort(Comparator.comparingLong(Entry::offset).thenComparingLong(Entry::bytes));
      checkLayout(entries, start, available);
      Map<String, Entry> byName = new LinkedHashMap<>();
      entries.forEach(entry -> byName.put(entry.name(), entry));
      return new SafetensorsHeader(
          Collections.unmodifiableMap(byName), Collections.unmodifiableMap(metadata));
    }

    private Map<String, String> metadata(JsonNode node) {
      Map<String, String> texts = new LinkedHashMap<>();
      if (!node.isObject()) {
        throw wrong("has metadata that is a JSON %s, expected an object.", Json.kind(node));
      }
      for (var field : node.properties()) {
        if (!field.getValue().isTextual()) {
          throw wrong(
              "has metadata '%s' that is a JSON %s, expected a string.",
              field.getKey(), Json.kind(field.getValue()));
        }
        texts.put(field.getKey(), field.getValue().textValue());
      }
      return texts;
    }

    private Entry entry(String name, JsonNode node, long start, long available) {
      DType dtype = dtype(name, node.path("dtype"));
      List<Long> shape = longs(name, "shape", node.path("shape"));
      List<Long> offsets = longs(name, "data_offsets", node.path("data_offsets"));
      if (offsets.size() != 2) {
        throw wrong("tensor '%s': data_offsets has %d numbers, expected 2.", name, offsets.size());
      }
      long begin = offsets.get(0);
      long end = offsets.get(1);
      if (begin > end) {
        throw wrong(
            "tensor '%s': its bytes start at %,d and end before, at %,d.", name, begin, end);
      }
      if (end > available) {
        throw wrong(
            "tensor '%s': its bytes are %,d to %,d, but the file holds %,d bytes of tensors;"
                + " it is truncated or its header is wrong.",
            name, begin, end, available);
      }
      long needed = bytes(name, shape, dtype);
      if (end - begin != needed) {
        throw wrong(
            "tensor '%s': got %,d bytes, expected %,d for shape %s of %s.",
            name, end - begin, needed, shape, nameOf(dtype));
      }
      return new Entry(name, dtype, shape, start + begin, needed);
    }

    private DType dtype(String name, JsonNode node) {
      DType dtype = node.isTextual() ? DTYPES.get(node.textValue()) : null;
      if (dtype == null) {
        throw new FormatException(
            file,
            "tensor '%s': dtype is %s, expected one of %s."
                .formatted(
                    shown(name), node.isMissingNode() ? "missing" : shown(node), sortedDtypes()),
            "Save the model again in one of these.");
      }
      return dtype;
    }

    private static List<String> sortedDtypes() {
      return DTYPES.keySet().stream().sorted().toList();
    }

    private List<Long> longs(String name, String key, JsonNode node) {
      if (!node.isArray()) {
        throw wrong(
            "tensor '%s': %s is %s, expected a list of whole numbers.",
            name, key, node.isMissingNode() ? "missing" : node);
      }
      List<Long> numbers = new ArrayList<>(node.size());
      for (JsonNode number : node) {
        if (!number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() < 0) {
          throw wrong("tensor '%s': %s has %s, expected whole numbers >= 0.", name, key, number);
        }
        numbers.add(number.longValue());
      }
      return numbers;
    }

    private long bytes(String name, List<Long> shape, DType dtype) {
      if (shape.size() > DIMENSIONS) {
        throw wrong(
            "tensor '%s': has %,d dimensions, expected %d at most.",
            name, shape.size(), DIMENSIONS);
      }
      try {
        long product = dtype.bytes();
        for (long size : shape) { // libtorch multiplies sizes beside a zero, too
          product = Math.multiplyExact(product, Math.max(size, 1));
        }
        return shape.contains(0L) ? 0 : product;
      } catch (ArithmeticException e) {
        throw wrong("tensor '%s': shape %s has more elements than a file can hold.", name, shape);
      }
    }

    private void checkLayout(List<Entry> entries, long start, long available) {
      long expected = start;
      String before = "the header";
      for (Entry entry : entries) {
        if (entry.offset() < expected) {
          throw wrong(
              "tensor '%s' overlaps %s: it starts at byte %,d of the tensors, expected %,d.",
              entry.name(), before, entry.offset() - start, expected - start);
        }
        if (entry.offset() > expected) {
          throw wrong(
              "has %,d bytes between %s and tensor '%s' that belong to no tensor.",
              entry.offset() - expected, before, entry.name());
        }
        expected = entry.offset() + entry.bytes();
        before = "tensor '" + entry.name() + "'";
      }
      if (expected - start != available) {
        throw wrong(
            "has %,d bytes after %s that belong to no tensor.",
            available - (expected - start), before);
      }
    }

    private FormatException wrong(String problem, Object... values) {
      Object[] shown = Arrays.stream(values).map(Reader::shown).toArray();
      return new FormatException(file, problem.formatted(shown), AGAIN);
    }

    /** Names and lists may take megabytes. */
    private static Object shown(Object value) {
      String text = value.toString();
      return value instanceof Number || text.length() <= SHOWN
          ? value
          : text.substring(0, SHOWN) + "...";
    }
  }
}
