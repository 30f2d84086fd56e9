package dev.jlora.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.spec.Nearest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The positions of special tokens around a text or a pair, read from {@code post_processor} of a
 * {@code tokenizer.json}. Java adds them after truncation, so that the library need not look up
 * tokens that the file might not define.
 *
 * @param single the pieces of one text
 * @param pair the pieces of two texts
 * @param offsets the part of the post-processor that the library keeps, which trims offsets; null
 *     for none
 */
public record Template(List<Piece> single, List<Piece> pair, @Nullable ObjectNode offsets) {
  /** A piece of a sequence. */
  public sealed interface Piece {
    int type();
  }

  /**
   * The tokens of a text.
   *
   * @param text 0 or 1
   */
  public record Text(int text, int type) implements Piece {}

  /** Special tokens, the same in every sequence. */
  public record Special(int[] ids, int type) implements Piece {}

  private static final List<String> TYPES =
      List.of("BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing");
  private static final List<Piece> BARE = List.of(new Text(0, 0));
  private static final List<Piece> BARE_PAIR = List.of(new Text(0, 0), new Text(1, 1));

  /** The pieces for one text or for two. */
  public List<Piece> pieces(boolean two, boolean special) {
    List<Piece> all = two ? pair : single;
    return special ? all : all.stream().filter(Text.class::isInstance).toList();
  }

  /** Number of special tokens added. */
  public int added(boolean two) {
    return (two ? pair : single)
        .stream().mapToInt(piece -> piece instanceof Special it ? it.ids().length : 0).sum();
  }

  /** The positions of special tokens in a comparable form; empty if they cannot be read. */
  static String described(Path file, JsonNode processor) {
    try {
      Template template = read(file, processor);
      return Stream.of(template.single, template.pair)
          .flatMap(List::stream)
          .map(
              piece ->
                  piece instanceof Special special
                      ? Arrays.toString(special.ids()) + ":" + special.type()
                      : piece.toString())
          .collect(Collectors.joining(" "));
    } catch (FormatException e) {
      return "";
    }
  }

  static Template read(Path file, JsonNode processor) {
    Template template = read(new Source(file), processor, new Template(BARE, BARE_PAIR, null));
    requireTexts(file, template.single(), 1, "single");
    requireTexts(file, template.pair(), 2, "pair");
    return template;
  }

  /** The file, and its errors. */
  private record Source(Path file) {
    FormatException wrong(String problem) {
      return new FormatException(
          file,
          "post_processor: " + problem,
          "Correct it, or fetch the tokenizer.json of the model again.");
    }

    int id(JsonNode value, String where) {
      if (!value.isInt() || value.intValue() < 0) {
        throw wrong(
            "%s has the id %s, expected a whole number from 0.".formatted(where, Shown.of(value)));
      }
      return value.intValue();
    }
  }

  private static void requireTexts(Path file, List<Piece> pieces, int texts, String name) {
    for (int text = 0; text < 2; text++) {
      int wanted = text;
      long found =
          pieces.stream().filter(piece -> piece instanceof Text it && it.text() == wanted).count();
      if (found != (text < texts ? 1 : 0)) {
        throw new Source(file)
            .wrong(
                "'%s' has text %s %d times, expected %d."
                    .formatted(name, text == 0 ? "$A" : "$B", found, text < texts ? 1 : 0));
      }
    }
  }

  private static Template read(Source from, JsonNode node, Template before) {
    if (node.isNull() || node.isMissingNode()) {
      return before;
    }
    String type = node.path("type").asText();
    return switch (type) {
      case "ByteLevel" -> new Template(before.single, before.pair, trimming(from, node, true));
      case "BertProcessing" -> {
        Special cls = new Special(named(from, node, "cls"), 0);
        int[] sep = named(from, node, "sep");
        yield new Template(
            List.of(cls, new Text(0, 0), new Special(sep, 0)),
            List.of(cls, new Text(0, 0), new Special(sep, 0), new Text(1, 1), new Special(sep, 1)),
            before.offsets);
      }
      case "RobertaProcessing" -> {
        Special cls = new Special(named(from, node, "cls"), 0);
        Special sep = new Special(named(from, node, "sep"), 0);
        yield new Template(
            List.of(cls, new Text(0, 0), sep),
            List.of(cls, new Text(0, 0), sep, sep, new Text(1, 0), sep),
            trimming(from, node, false));
      }
      case "TemplateProcessing" ->
          new Template(pieces(from, node, "single"), pieces(from, node, "pair"), before.offsets);
      case "Sequence" -> {
        Template now = before;
        if (!node.path("processors").isArray()) {
          throw from.wrong("Sequence has no list 'processors'.");
        }
        for (JsonNode next : node.path("processors")) {
          if (next.path("type").asText().equals("Sequence")) {
            throw from.wrong("a Sequence in a Sequence.");
          }
          now = read(from, next, now);
        }
        yield now;
      }
      default ->
          throw from.wrong(
              "got the type %s, expected one of %s."
                  .formatted(Shown.of(node.path("type")), Nearest.list(TYPES)));
    };
  }

  /** The component that trims offsets: byte-level tokens begin with their space. */
  private static @Nullable ObjectNode trimming(Source from, JsonNode node, boolean byteLevel) {
    for (String key : List.of("trim_offsets", "add_prefix_space")) {
      if (!node.path(key).isBoolean()) {
        throw from.wrong(
            "%s has %s = %s, expected true or false."
                .formatted(node.path("type").asText(), key, Shown.of(node.path(key))));
      }
    }
    if (!node.path("trim_offsets").booleanValue()) {
      return null;
    }
    return Json.mapper()
        .createObjectNode()
        .put("type", "ByteLevel")
        .put("add_prefix_space", node.path("add_prefix_space").booleanValue())
        .put("trim_offsets", true)
        .put("use_regex", byteLevel);
  }

  private static int[] named(Source from, JsonNode node, String key) {
    JsonNode pair = node.path(key);
    if (!pair.isArray() || pair.size() != 2 || !pair.get(0).isTextual()) {
      throw from.wrong("'%s' is %s, expected a token and its id.".formatted(key, Shown.of(pair)));
    }
    return new int[] {from.id(pair.get(1), "'" + key + "'")};
  }

  private static List<Piece> pieces(Source from, JsonNode node, String key) {
    JsonNode list = node.path(key);
    if (!list.isArray()) {
      throw from.wrong("'%s' is %s, expected a list.".formatted(key, Shown.of(list)));
    }
    List<Piece> pieces = new ArrayList<>();
    for (JsonNode piece : list) {
      JsonNode text = piece.path("Sequence");
      JsonNode special = piece.path("SpecialToken");
      JsonNode of = special.isObject() ? special : text;
      int type = from.id(of.path("type_id"), "a type of '" + key + "'");
      String id = of.path("id").asText();
      if (special.isObject()) {
        pieces.add(new Special(ids(from, node, id), type));
      } else if (id.equals("A") || id.equals("B")) {
        pieces.add(new Text(id.equals("A") ? 0 : 1, type));
      } else {
        throw from.wrong(
            "'%s' has the piece %s, expected a SpecialToken or Sequence A or B."
                .formatted(key, Shown.of(piece)));
      }
    }
    return List.copyOf(pieces);
  }

  private static int[] ids(Source from, JsonNode node, String token) {
    JsonNode ids = node.path("special_tokens").path(token).path("ids");
    if (!ids.isArray()) {
      throw from.wrong(
          "the template names %s, and special_tokens does not define it."
              .formatted(Shown.of(token)));
    }
    int[] all = new int[ids.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = from.id(ids.get(i), Shown.of(token));
    }
    return all;
  }
}
