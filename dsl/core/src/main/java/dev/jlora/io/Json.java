package dev.jlora.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads and writes JSON consistently: UTF-8, two spaces of indentation; duplicate keys and trailing
 * content are errors.
 */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /** For state that is read back: numbers must not be strings, integers must not have fractions. */
  private static final JsonMapper STRICT =
      MAPPER
          .rebuild()
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private Json() {}

  /** The shared mapper, which is thread-safe; do not change its configuration. */
  public static JsonMapper mapper() {
    return MAPPER;
  }

  /** Reads a file that contains one JSON object. */
  public static ObjectNode readObject(Path file) {
    return object(text(file), file.toString());
  }

  /**
   * Reads a file that contains one JSON object into a record; every required key must exist, with
   * its type.
   *
   * @param problem begins the sentence about the problem: "is no state of a run"
   * @throws FormatException naming the file and the key
   */
  public static <T> T read(Path file, Class<T> type, String problem, String remedy) {
    ObjectNode object = readObject(file);
    try {
      return STRICT.treeToValue(object, type);
    } catch (JsonProcessingException e) {
      throw new FormatException(
          file.toString(), problem + ": " + JsonProblem.ofValue(object, e) + ".", remedy, e);
    }
  }

  /** Parses {@code text}, which must be one JSON object; {@code where} names it in errors. */
  public static ObjectNode object(String text, String where) {
    JsonNode node = parse(text, where);
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new FormatException(
        where,
        "holds a JSON " + kind(node) + ", expected an object { ... }.",
        "Check that this is the right file.");
  }

  /** Parses {@code text}, any JSON value; {@code where} names it in errors. */
  public static JsonNode parse(String text, String where) {
    try {
      JsonNode node = MAPPER.readTree(text);
      if (node.isMissingNode()) {
        throw new FormatException(where, "is empty, expected JSON.", "Write or fetch it again.");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw malformed(where, e);
    }
  }

  /** {@code value} as indented JSON with a final newline. */
  public static String pretty(Object value) {
    try {
      return MAPPER.writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "cannot be written as JSON: " + value.getClass().getName(), e);
    }
  }

  /** Writes {@code value} to {@code file} atomically. */
  public static void write(Path file, Object value) {
    AtomicFiles.write(file, pretty(value));
  }

  /** The text of {@code file}, which must be UTF-8. */
  public static String text(Path file) {
    InputFile.requireRegular(file, "Name a text file.");
    try {
      byte[] bytes = Files.readAllBytes(file);
      String encoding = InputFile.otherEncoding(Arrays.copyOf(bytes, Math.min(512, bytes.length)));
      if (encoding != null) {
        throw InputFile.notUtf8(file.toString(), encoding);
      }
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new FormatException(
          file.toString(), "is not UTF-8 text.", "Save it as UTF-8 (without other encodings).", e);
    } catch (IOException e) {
      throw InputFile.unreadable(file.toString(), e);
    }
  }

  static FormatException malformed(String where, JsonProcessingException e) {
    var at = e.getLocation();
    String place = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
    return new FormatException(
        where,
        "is not valid JSON" + place + ": " + JsonProblem.ofText(e) + ".",
        "Correct it, or fetch the file again if it was cut off.",
        e);
  }

  static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> "object";
      case ARRAY -> "array";
      case STRING -> "string";
      case NUMBER -> "number";
      case BOOLEAN -> "boolean";
      default -> node.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
    };
  }
}
