package dev.jlora.spec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values that override those of a job file. */
final class Overrides {
  /** Mutually exclusive keys: an override of one removes the other. */
  private static final List<List<String>> ALTERNATIVES =
      List.of(
          List.of("schedule.warmup_steps", "schedule.warmup_ratio"),
          List.of("training.overwrite", "training.resume"),
          List.of("data.columns.text", "data.columns.tokens"),
          List.of("data.columns.text_pair", "data.columns.tokens"));

  private Overrides() {}

  /** Converts values by path ({@code adapter.rank}) to a job's nested objects. */
  static Map<String, Object> nested(Map<String, ? extends @Nullable Object> values) {
    Map<String, Object> nested = new LinkedHashMap<>();
    values.forEach((path, value) -> put(nested, List.of(path.split("\\.")), value));
    return nested;
  }

  /** Applies overrides to a job; null removes a key. */
  static Map<String, Object> over(Map<String, Object> job, Map<String, Object> overrides) {
    Map<String, Object> merged = merged(job, overrides);
    for (List<String> pair : ALTERNATIVES) {
      for (int i = 0; i < pair.size(); i++) {
        List<String> one = List.of(pair.get(i).split("\\."));
        List<String> other = List.of(pair.get(1 - i).split("\\."));
        boolean typed = get(overrides, one) != null && !Boolean.FALSE.equals(get(overrides, one));
        if (typed && get(overrides, other) == null && get(merged, other) != null) {
          put(merged, other, null);
        }
      }
    }
    return merged;
  }

  private static Map<String, Object> merged(Map<String, Object> job, Map<?, ?> overrides) {
    Map<String, Object> merged = new LinkedHashMap<>(job);
    overrides.forEach(
        (key, value) -> {
          String name = (String) key;
          if (value == null) {
            merged.remove(name);
          } else if (value instanceof Map<?, ?> section) {
            merged.put(name, merged(object(merged.get(name)), section));
          } else {
            merged.put(name, value);
          }
        });
    return merged;
  }

  private static Map<String, Object> object(@Nullable Object value) {
    Map<String, Object> object = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, entry) -> object.put((String) key, entry));
    }
    return object;
  }

  private static @Nullable Object get(Map<String, Object> object, List<String> path) {
    Object value = object;
    for (String key : path) {
      value = value instanceof Map<?, ?> map ? map.get(key) : null;
    }
    return value;
  }

  private static void put(Map<String, Object> object, List<String> path, @Nullable Object value) {
    Map<String, Object> at = object;
    for (String key : path.subList(0, path.size() - 1)) {
      Map<String, Object> section = object(at.get(key));
      at.put(key, section);
      at = section;
    }
    at.put(path.getLast(), value);
  }
}
