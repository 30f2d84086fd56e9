package dev.jlora.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * The tokens whose embeddings are trained; PEFT's {@code trainable_token_indices}: ids in the input
 * embeddings, or ids by the name of an embedding.
 */
public sealed interface TokenIndices extends SpecValue {

  /** PEFT's notation: a list of ids, or an object from the names of embeddings to such lists. */
  @Override
  Object json();

  /** Rows of the model's input embeddings. */
  record OfInput(List<Integer> ids) implements TokenIndices {
    public OfInput {
      ids = List.copyOf(ids);
    }

    @Override
    public Object json() {
      return ids;
    }
  }

  /**
   * Rows of several embeddings.
   *
   * @param ids by the name of an embedding, or a dotted suffix of it
   */
  record ByName(Map<String, List<Integer>> ids) implements TokenIndices {
    public ByName {
      Map<String, List<Integer>> copy = new LinkedHashMap<>();
      ids.forEach((name, rows) -> copy.put(name, List.copyOf(rows)));
      ids = Collections.unmodifiableMap(copy);
    }

    @Override
    public Object json() {
      return ids;
    }
  }

  /** Parses the result of {@link #json}. */
  static TokenIndices of(Object json) {
    if (json instanceof Map<?, ?> map) {
      Map<String, List<Integer>> ids = new LinkedHashMap<>();
      map.forEach((name, rows) -> ids.put(name.toString(), ids(rows)));
      return new ByName(ids);
    }
    return new OfInput(ids(json));
  }

  private static List<Integer> ids(Object json) {
    if (json instanceof List<?> list && list.stream().allMatch(Integer.class::isInstance)) {
      return list.stream().map(Integer.class::cast).toList();
    }
    throw new IllegalArgumentException(
        "got %s, expected a list of token ids, or an object from the names of embeddings to such"
                .formatted(json)
            + " lists");
  }

  /**
   * Checks the ids of one embedding; for the constructor of a spec.
   *
   * @param key their name in the spec
   */
  public static void check(Problems problems, String key, List<Integer> ids) {
    problems
        .unless(!ids.isEmpty(), "%s: got an empty list, expected token ids", key)
        .unless(ids.stream().allMatch(id -> id >= 0), "%s: got %s, expected ids from 0", key, ids)
        .unless(
            new LinkedHashSet<>(ids).size() == ids.size(),
            "%s: got %s, expected each id once",
            key,
            ids);
  }
}
