package dev.jlora.distribution.fuzz;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Changes the values of a JSON document, which stays JSON: other types, extreme numbers, missing,
 * renamed, doubled and exchanged members. A quarter of the mutants are damaged as text instead.
 */
final class JsonMutator implements Mutator {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final List<String> STRINGS =
      List.of(
          "",
          " ",
          "\0",
          "a\0b",
          "../../etc/passwd",
          "/",
          ".",
          "null",
          "true",
          "1",
          "-1",
          "1e300",
          "NaN",
          "[UNK]",
          "none",
          "auto",
          "gelu",
          "(a+)+$",
          "((((",
          "(?P<n>x)",
          "\uD83D\uDE00",
          "\uD800",
          "\u001B[31m",
          "a".repeat(10_000),
          "%s%n",
          "${x}",
          "adamw",
          "LORA",
          "F16");
  private static final List<Number> NUMBERS =
      List.of(
          0,
          1,
          -1,
          2,
          3,
          7,
          255,
          65_536,
          Integer.MAX_VALUE,
          Integer.MIN_VALUE,
          2147483648L,
          4294967296L,
          Long.MAX_VALUE,
          Long.MIN_VALUE,
          0.5,
          -0.0,
          1e-300,
          1e300,
          -1e300,
          Double.NaN,
          Double.POSITIVE_INFINITY);

  private final Mutator text = new TextMutator();

  @Override
  public byte[] mutate(byte[] original, RandomGenerator random) {
    if (random.nextInt(4) == 0) {
      return text.mutate(original, random);
    }
    try {
      JsonNode root = MAPPER.readTree(original);
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        root = once(root, random);
      }
      return MAPPER.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the original must be JSON", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonNode once(JsonNode root, RandomGenerator random) {
    List<JsonNode> containers = new ArrayList<>();
    collect(root, containers);
    if (containers.isEmpty() || random.nextInt(60) == 0) {
      return value(root, random);
    }
    switch (containers.get(random.nextInt(containers.size()))) {
      case ObjectNode object -> change(object, random);
      case ArrayNode array -> change(array, random);
      default -> {}
    }
    return root;
  }

  /** The objects and arrays that hold anything; of long ones the first few hundred members. */
  private static void collect(JsonNode node, List<JsonNode> found) {
    if (node.isContainerNode() && !node.isEmpty()) {
      found.add(node);
      int seen = 0;
      for (JsonNode child : node) {
        if (seen++ < 300) {
          collect(child, found);
        }
      }
    }
  }

  private void change(ObjectNode object, RandomGenerator random) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    String name = names.get(random.nextInt(names.size()));
    switch (random.nextInt(8)) {
      case 0 -> object.remove(name);
      case 1 -> {
        JsonNode moved = object.remove(name);
        object.set(STRINGS.get(random.nextInt(STRINGS.size())), moved);
      }
      case 2 -> object.set(name, object.get(names.get(random.nextInt(names.size()))).deepCopy());
      case 3 -> object.set(name + random.nextInt(10), object.get(name).deepCopy());
      default -> object.set(name, value(object.get(name), random));
    }
  }

  private void change(ArrayNode array, RandomGenerator random) {
    int at = random.nextInt(array.size());
    switch (random.nextInt(6)) {
      case 0 -> array.remove(at);
      case 1 -> array.insert(at, array.get(random.nextInt(array.size())).deepCopy());
      case 2 -> array.removeAll();
      default -> array.set(at, value(array.get(at), random));
    }
  }

  private JsonNode value(JsonNode old, RandomGenerator random) {
    return switch (random.nextInt(10)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(random.nextBoolean());
      case 2 -> NODES.textNode(STRINGS.get(random.nextInt(STRINGS.size())));
      case 3, 4, 5 -> number(old, random);
      case 6 -> NODES.arrayNode();
      case 7 -> NODES.objectNode();
      case 8 -> NODES.arrayNode().add(old.deepCopy());
      default -> MAPPER.valueToTree(Map.of(STRINGS.get(random.nextInt(STRINGS.size())), old));
    };
  }

  private static JsonNode number(JsonNode old, RandomGenerator random) {
    if (old.isIntegralNumber() && random.nextBoolean()) {
      long value = old.asLong();
      long[] near = {value + 1, value - 1, -value, value * 2, value / 2, value * 1_000_003};
      return NODES.numberNode(near[random.nextInt(near.length)]);
    }
    Number drawn = NUMBERS.get(random.nextInt(NUMBERS.size()));
    return drawn instanceof Double d ? NODES.numberNode(d) : NODES.numberNode(drawn.longValue());
  }
}
