package dev.jlora.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads specs from JSON. All of the text is processed before problems are reported, so that they
 * are reported at once. An absent key has the value of the record's static {@code defaults()}.
 */
public final class SpecReader {
  static final String METHOD = "method";
  private static final String NAME = "name";

  /** Maximum number of characters of a value in a message. */
  private static final int SHOWN = 200;

  private final SpecTypes types;
  private final List<String> problems = new ArrayList<>();

  private SpecReader(SpecTypes types) {
    this.types = types;
  }

  /**
   * Reads a spec from JSON.
   *
   * @param adapters the spec types of adapter methods in addition to LoRA
   * @throws SpecException listing all problems
   */
  public static <T extends Spec> T read(
      String json, Class<T> type, Map<String, Class<? extends AdapterSpec>> adapters) {
    return read(json, type, SpecTypes.of(adapters));
  }

  /**
   * Reads a spec from JSON.
   *
   * @param types the spec types of plugins
   * @throws SpecException listing all problems
   */
  public static <T extends Spec> T read(String json, Class<T> type, SpecTypes types) {
    SpecReader reader = new SpecReader(types);
    return reader.finished(type.cast(reader.value(type, parsed(json), "")));
  }

  /**
   * Reads a job from JSON, with jlora's names or {@link Aliases}.
   *
   * @param overrides plain values by path ({@code adapter.rank}) that replace those of the text;
   *     null removes a key
   * @throws SpecException listing all problems
   */
  static JobSpec readJob(
      String json, SpecTypes types, Map<String, ? extends @Nullable Object> overrides) {
    Object plain = parsed(json);
    SpecReader reader = new SpecReader(types);
    if (plain instanceof Map<?, ?> job) {
      Map<String, Object> typed = Aliases.resolved(Overrides.nested(overrides), reader.problems);
      plain = Overrides.over(Aliases.resolved(job, reader.problems), typed);
    }
    return reader.finished((JobSpec) reader.value(JobSpec.class, plain, ""));
  }

  private static Object parsed(String json) {
    try {
      return SpecPrinter.MAPPER.readValue(json, Object.class);
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      throw new SpecException(
          List.of(
              "not JSON at line %d, column %d: %s"
                  .formatted(at.getLineNr(), at.getColumnNr(), JsonMessages.problem(e))));
    }
  }

  /** The record that a part declares for its own parameters, with the given values. */
  static <T extends Spec> T parameters(Class<T> type, Map<String, Object> given, String path) {
    SpecReader reader = new SpecReader(SpecTypes.of(Map.of()));
    return reader.finished(type.cast(reader.record(type, given, path)));
  }

  private <T extends Spec> T finished(@Nullable T spec) {
    if (!problems.isEmpty() || spec == null) {
      throw new SpecException(problems);
    }
    return spec;
  }

  /** The value of {@code json} as {@code type}, or null after a problem was added. */
  private @Nullable Object value(Type type, @Nullable Object json, String path) {
    if (type instanceof ParameterizedType generic) {
      Type[] of = generic.getActualTypeArguments();
      if (generic.getRawType() == List.class) {
        return list(of[0], json, path);
      }
      if (generic.getRawType() == Map.class && of[0] == String.class) {
        return map(of[1], json, path);
      }
    }
    if (!(type instanceof Class<?> raw)) {
      throw unsupported(type, path);
    }
    if (raw == AdapterSpec.class) {
      return adapter(json, path);
    }
    if (raw == CallbackSpec.class && json instanceof String name) {
      return record(raw, Map.of(NAME, name), path);
    }
    if (raw.isRecord() && Spec.class.isAssignableFrom(raw)) {
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
    throw unsupported(type, path);
  }

  private static IllegalStateException unsupported(Type type, String path) {
    return new IllegalStateException(
        ("%s is of the type %s, which no spec can have; expected a text, a number (int, long,"
                + " double), boolean, an enum, a record that is a Spec, AdapterSpec, a SpecValue,"
                + " or a List or Map<String, ...> of such")
            .formatted(path, type.getTypeName()));
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
    try {
      return record(types.adapter(method == null ? null : method.toString()), json, path);
    } catch (IllegalArgumentException e) {
      problems.add(path + "." + METHOD + ": " + e.getMessage());
      return null;
    }
  }

  private @Nullable Object record(Class<?> type, @Nullable Object json, String path) {
    if (!(json instanceof Map<?, ?> given)) {
      return wrong(path, json, "an object");
    }
    Map<String, Object> object = Reflection.completed(type, given);
    int before = problems.size();
    RecordComponent[] components = type.getRecordComponents();
    List<String> keys = new ArrayList<>(PartParameters.commonKeys(type));
    boolean adapter = AdapterSpec.class.isAssignableFrom(type); // names its method beside its keys
    Map<String, Object> own =
        PartSpec.class.isAssignableFrom(type) ? own(type, object, keys, path) : Map.of();
    for (String key : object.keySet()) {
      if (!keys.contains(key) && !(adapter && key.equals(METHOD))) {
        problems.add(
            "%s: unknown key%s (known: %s)"
                .formatted(
                    join(path, key),
                    KeyHints.hint(path, key, keys),
                    keys.isEmpty() ? "none" : String.join(", ", new TreeSet<>(keys))));
      }
    }
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      if (PartParameters.isHolder(type, components[i])) {
        arguments[i] = own;
        continue;
      }
      String key = SpecPrinter.key(components[i]);
      Object there = object.get(key);
      arguments[i] =
          there == null
              ? absent(type, components[i], join(path, key))
              : value(components[i].getGenericType(), there, join(path, key));
    }
    if (problems.size() > before) {
      return null;
    }
    try {
      return ofMethod(Reflection.create(type, arguments), object.get(METHOD), path);
    } catch (SpecException e) {
      // a method's spec speaks of lora.rank, which here is adapter.rank
      problems.addAll(
          (adapter && !path.isEmpty() ? e.renamed(word -> inSection(word, path)) : e).problems());
      return null;
    }
  }

  /** An adapter's record, if it belongs to the method that JSON names. */
  private @Nullable Object ofMethod(Object spec, @Nullable Object method, String path) {
    return spec instanceof AdapterSpec adapter && method != null && !adapter.method().equals(method)
        ? wrong(join(path, METHOD), method, "'" + adapter.method() + "'")
        : spec;
  }

  /**
   * The keys given to a part in addition to the common keys of its kind, checked by the record that
   * the part declares.
   *
   * @param keys the common keys; the part's own are added
   */
  private Map<String, Object> own(Class<?> type, Map<?, ?> object, List<String> keys, String path) {
    Object named = object.get(NAME);
    Method defaults = Reflection.find(type, "defaults");
    if (named == null && defaults != null) {
      named = ((PartSpec) Reflection.invoke(defaults, null)).name();
    }
    if (!(named instanceof String name) || name.isBlank()) {
      return Map.of();
    }
    Map<String, Object> own = new LinkedHashMap<>();
    object.forEach(
        (key, value) -> {
          if (!keys.contains(key)) {
            own.put((String) key, value);
          }
        });
    try {
      Class<? extends Spec> declared = types.parameters(kind(type), name);
      return declared == null ? Map.of() : own(declared, kind(type), own, keys, path);
    } catch (IllegalArgumentException e) {
      problems.add(join(path, NAME) + ": " + e.getMessage());
      keys.addAll(own.keySet()); // whether that part would know them cannot be told
      return Map.of();
    }
  }

  private Map<String, Object> own(
      Class<? extends Spec> declared,
      String kind,
      Map<String, Object> given,
      List<String> keys,
      String path) {
    List<String> more = PartParameters.commonKeys(declared);
    List<String> twice = more.stream().filter(keys::contains).toList();
    if (!twice.isEmpty()) {
      throw new IllegalStateException(
          "%s: the record %s declares %s, which every %s has; expected other names"
              .formatted(path, declared.getName(), twice, kind));
    }
    keys.addAll(more);
    Map<String, Object> known = new LinkedHashMap<>(given);
    known.keySet().retainAll(more);
    known.replaceAll(
        (key, value) -> value instanceof SpecText text ? text.as(declared, key) : value);
    record(declared, known, path);
    return known;
  }

  private static String kind(Class<?> type) {
    return type == OptimizerSpec.class
        ? "optimizer"
        : type == ScheduleSpec.class ? "schedule" : "callback";
  }

  private static String inSection(String word, String section) {
    return section + word.substring(word.indexOf('.'));
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
    if (component.getType() == List.class && type == JobSpec.class) {
      return List.of();
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
    if (shown.length() > SHOWN) {
      shown = shown.substring(0, SHOWN) + "...";
    }
    problems.add(
        "%s: got %s, expected %s".formatted(path.isEmpty() ? "the job" : path, shown, expected));
    return null;
  }

  private static String join(String path, Object key) {
    return path.isEmpty() || path.endsWith(" ") ? path + key : path + "." + key;
  }
}
