package dev.jlora.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes spec records of JSON. It goes through all of the text before it complains, so that every
 * problem is told at once. A key that is absent takes the value of the record's static {@code
 * defaults()}.
 */
public final class SpecReader {
  static final String METHOD = "method";

  private final Map<String, Class<? extends AdapterSpec>> adapters = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  private SpecReader(Map<String, Class<? extends AdapterSpec>> adapters) {
    this.adapters.put(LoraSpec.METHOD, LoraSpec.class);
    this.adapters.putAll(adapters);
  }

  /**
   * Reads a spec from JSON.
   *
   * @param adapters the spec types of adapter methods beside LoRA
   * @throws SpecException with everything that is wrong
   */
  public static <T extends Spec> T read(
      String json, Class<T> type, Map<String, Class<? extends AdapterSpec>> adapters) {
    Object plain;
    try {
      plain = SpecPrinter.MAPPER.readValue(json, Object.class);
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      throw new SpecException(
          List.of(
              "not JSON at line %d, column %d: %s"
                  .formatted(at.getLineNr(), at.getColumnNr(), e.getOriginalMessage())));
    }
    SpecReader reader = new SpecReader(adapters);
    T spec = type.cast(reader.value(type, plain, ""));
    if (!reader.problems.isEmpty() || spec == null) {
      throw new SpecException(reader.problems);
    }
    return spec;
  }

  /** The value of {@code json} as {@code type}, or null after a problem was noted. */
  private @Nullable Object value(Type type, @Nullable Object json, String path) {
    if (type instanceof ParameterizedType generic) {
      return generic.getRawType() == List.class
          ? list(generic.getActualTypeArguments()[0], json, path)
          : map(generic.getActualTypeArguments()[1], json, path);
    }
    Class<?> raw = (Class<?>) type;
    if (raw == AdapterSpec.class) {
      return adapter(json, path);
    }
    if (Spec.class.isAssignableFrom(raw)) {
      return record(raw, json, path);
    }
    Method of =
        SpecValue.class.isAssignableFrom(raw) ? Reflection.find(raw, "of", Object.class) : null;
    if (of != null) {
      return json == null ? wrong(path, null, "a value") : written(of, json, path);
    }
    return raw.isEnum() ? constant(raw, json, path) : simple(raw, json, path);
  }

  private @Nullable Object simple(Class<?> type, @Nullable Object json, String path) {
    if (type == String.class) {
      return json instanceof String ? json : wrong(path, json, "text");
    }
    if (type == boolean.class || type == Boolean.class) {
      return json instanceof Boolean ? json : wrong(path, json, "true or false");
    }
    if (type == double.class || type == Double.class) {
      return json instanceof Number number ? number.doubleValue() : wrong(path, json, "a number");
    }
    boolean whole = json instanceof Number n && n.doubleValue() == Math.rint(n.doubleValue());
    if (type == long.class || type == Long.class) {
      return whole && (json instanceof Integer || json instanceof Long)
          ? (Object) ((Number) json).longValue()
          : wrong(path, json, "a whole number");
    }
    if (type == int.class || type == Integer.class) {
      return whole && Math.abs(((Number) json).doubleValue()) <= Integer.MAX_VALUE
          ? (Object) ((Number) json).intValue()
          : wrong(path, json, "a whole number");
    }
    throw new IllegalStateException(path + " has the unsupported type " + type);
  }

  private @Nullable Object constant(Class<?> type, @Nullable Object json, String path) {
    List<String> words = new ArrayList<>();
    for (Object constant : type.getEnumConstants()) {
      String word = SpecPrinter.word((Enum<?>) constant);
      if (word.equals(json)) {
        return constant;
      }
      words.add(word);
    }
    return wrong(path, json, "one of " + Nearest.list(String.valueOf(json), words));
  }

  private @Nullable Object written(Method of, Object json, String path) {
    try {
      return Reflection.invoke(of, null, json);
    } catch (SpecException e) {
      e.problems().forEach(problem -> problems.add(path + ": " + problem));
    } catch (IllegalArgumentException e) {
      problems.add(path + ": " + e.getMessage());
    }
    return null;
  }

  private @Nullable Object list(Type element, @Nullable Object json, String path) {
    if (!(json instanceof List<?> items)) {
      return wrong(path, json, "a list");
    }
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      Object item = value(element, items.get(i), path + "[" + i + "]");
      if (item != null) {
        list.add(item);
      }
    }
    return list;
  }

  private @Nullable Object map(Type element, @Nullable Object json, String path) {
    if (!(json instanceof Map<?, ?> entries)) {
      return wrong(path, json, "an object");
    }
    Map<String, Object> map = new LinkedHashMap<>();
    entries.forEach(
        (key, entry) -> {
          Object item = value(element, entry, path + "['" + key + "']");
          if (item != null) {
            map.put((String) key, item);
          }
        });
    return map;
  }

  private @Nullable Object adapter(@Nullable Object json, String path) {
    if (!(json instanceof Map<?, ?> object)) {
      return wrong(path, json, "an object");
    }
    Object method = object.get(METHOD);
    Class<?> type = method instanceof String name ? adapters.get(name) : null;
    if (type == null) {
      String known = Nearest.list(String.valueOf(method), adapters.keySet());
      return wrong(path + "." + METHOD, method, "one of " + known);
    }
    Map<Object, Object> fields = new LinkedHashMap<>(object);
    fields.remove(METHOD);
    return record(type, fields, path);
  }

  private @Nullable Object record(Class<?> type, @Nullable Object json, String path) {
    if (!(json instanceof Map<?, ?> object)) {
      return wrong(path, json, "an object");
    }
    int before = problems.size();
    RecordComponent[] components = type.getRecordComponents();
    List<String> keys = Arrays.stream(components).map(SpecPrinter::key).toList();
    for (Object key : object.keySet()) {
      if (!keys.contains(key)) {
        problems.add(
            "%s: unknown key, the nearest is '%s' (known: %s)"
                .formatted(
                    join(path, key),
                    Nearest.first((String) key, keys).getFirst(),
                    String.join(", ", keys)));
      }
    }
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String key = keys.get(i);
      Object given = object.get(key);
      arguments[i] =
          given == null
              ? absent(type, components[i], join(path, key))
              : value(components[i].getGenericType(), given, join(path, key));
    }
    if (problems.size() > before) {
      return null;
    }
    try {
      return Reflection.create(type, arguments);
    } catch (SpecException e) {
      problems.addAll(e.problems());
      return null;
    }
  }

  private @Nullable Object absent(Class<?> type, RecordComponent component, String path) {
    if (component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
      return null;
    }
    Method defaults = Reflection.find(type, "defaults");
    if (defaults != null) {
      return Reflection.get(component, Reflection.invoke(defaults, null));
    }
    Method prototype = Reflection.find(type, "prototype");
    if (prototype != null && component.getType() != String.class) {
      return Reflection.get(component, Reflection.invoke(prototype, null));
    }
    Method own = Reflection.find(component.getType(), "defaults");
    if (own != null) {
      return Reflection.invoke(own, null);
    }
    return wrong(path, null, "a value: this key is required");
  }

  private @Nullable Object wrong(String path, @Nullable Object got, String expected) {
    String shown =
        switch (got) {
          case null -> "nothing";
          case String text -> "'" + text + "'";
          case Map<?, ?> _ -> "an object";
          default -> got.toString();
        };
    problems.add(
        "%s: got %s, expected %s".formatted(path.isEmpty() ? "the job" : path, shown, expected));
    return null;
  }

  private static String join(String path, Object key) {
    return path.isEmpty() ? key.toString() : path + "." + key;
  }
}
