package dev.jlora.spec;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A spec in the making, as builders keep it: the values that were given, by component. Immutable,
 * so that a builder can be shared, refined in several ways, and used by several threads; and the
 * order of giving means nothing, except that a later value of one component replaces an earlier.
 *
 * @param <T> the record that it becomes
 */
public final class Draft<T extends Spec> {
  private final Class<T> type;
  private final @Nullable T base;
  private final Map<String, @Nullable Object> given;

  private Draft(Class<T> type, @Nullable T base, Map<String, @Nullable Object> given) {
    this.type = type;
    this.base = base;
    this.given = Collections.unmodifiableMap(given);
  }

  /** A draft in which nothing is given yet. */
  public static <T extends Spec> Draft<T> of(Class<T> type) {
    return new Draft<>(type, null, Map.of());
  }

  /** With a value for the component of this name, in place of an earlier one. */
  public Draft<T> with(String component, @Nullable Object value) {
    if (Arrays.stream(type.getRecordComponents()).noneMatch(c -> c.getName().equals(component))) {
      throw new IllegalArgumentException(type.getName() + " has no component " + component);
    }
    Map<String, @Nullable Object> more = new LinkedHashMap<>(given);
    more.put(component, value);
    return new Draft<>(type, base, more);
  }

  /** The same values over those of {@code spec}, which stands for what is not given. */
  public Draft<T> over(T spec) {
    return new Draft<>(type, spec, given);
  }

  /** Whether the component was given a value. */
  public boolean has(String component) {
    return given.containsKey(component);
  }

  /** The value that the component was given; null where it was not. */
  public @Nullable Object get(String component) {
    return given.get(component);
  }

  /** A list component with more at its end. */
  Draft<T> adding(String component, List<?> more) {
    List<Object> all = new ArrayList<>();
    if (value(component) instanceof List<?> list) {
      all.addAll(list);
    }
    more.stream().filter(item -> !all.contains(item)).forEach(all::add);
    return with(component, all);
  }

  /** A map component with one more entry. */
  Draft<T> adding(String component, String key, Object value) {
    Map<Object, Object> all = new LinkedHashMap<>();
    if (value(component) instanceof Map<?, ?> map) {
      all.putAll(map);
    }
    all.put(key, value);
    return with(component, all);
  }

  private @Nullable Object value(String component) {
    return Arrays.stream(type.getRecordComponents())
        .filter(c -> c.getName().equals(component))
        .map(c -> Optional.ofNullable(value(c)))
        .findFirst()
        .flatMap(value -> value)
        .orElse(null);
  }

  private @Nullable Object value(RecordComponent component) {
    if (given.containsKey(component.getName())) {
      return given.get(component.getName());
    }
    if (base != null) {
      return Reflection.get(component, base);
    }
    Method defaults = Reflection.find(type, "defaults");
    if (defaults == null && component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
      return null; // a prototype has something there, to be valid
    }
    Method like = defaults == null ? Reflection.find(type, "prototype") : defaults;
    return like == null ? null : Reflection.get(component, Reflection.invoke(like, null));
  }

  /**
   * The spec: what was given, what the base has, else the record's defaults.
   *
   * @throws SpecException with everything that is wrong
   */
  public T build() {
    return Reflection.create(
        type,
        Arrays.stream(type.getRecordComponents())
            .map(this::value)
            .map(value -> value instanceof Draft<?> part ? part.build() : value)
            .toArray());
  }

  /** The values given, as JSON; with everything else where these make a spec. */
  @Override
  public String toString() {
    try {
      return build().json();
    } catch (SpecException e) {
      return SpecPrinter.text(given()) + "\nnot complete: " + e.getMessage();
    }
  }

  private Map<String, Object> given() {
    Map<String, Object> map = new LinkedHashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Object value = given.get(component.getName());
      value = value instanceof Draft<?> part ? part.given() : SpecPrinter.plain(value);
      if (value != null && !(value instanceof Map<?, ?> none && none.isEmpty())) {
        map.put(SpecPrinter.key(component), value);
      }
    }
    return map;
  }
}
