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
 * An incomplete spec, as builders keep it: the given values, by component. Immutable, so that a
 * builder can be shared, refined in several ways, and used by several threads. The order of values
 * does not matter, except that a later value of one component replaces an earlier one.
 *
 * @param <T> the record that is built
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

  /** An empty draft. */
  public static <T extends Spec> Draft<T> of(Class<T> type) {
    return new Draft<>(type, null, Map.of());
  }

  /** Sets the value of a component, replacing an earlier one. */
  public Draft<T> with(String component, @Nullable Object value) {
    if (Arrays.stream(type.getRecordComponents()).noneMatch(c -> c.getName().equals(component))) {
      throw new IllegalArgumentException(type.getName() + " has no component " + component);
    }
    Map<String, @Nullable Object> more = new LinkedHashMap<>(given);
    more.put(component, value);
    return new Draft<>(type, base, more);
  }

  /** The same values on top of {@code spec}, which provides all others. */
  public Draft<T> over(T spec) {
    return new Draft<>(type, spec, given);
  }

  /** Whether a value was given for the component. */
  public boolean has(String component) {
    return given.containsKey(component);
  }

  /** The value given for the component; null if there is none. */
  public @Nullable Object get(String component) {
    return given.get(component);
  }

  /** A spec with more in a list component. */
  @SuppressWarnings("unchecked") // a spec's class makes specs of this type
  static <T extends Spec> T adding(T spec, String component, List<?> more) {
    return Draft.of((Class<T>) spec.getClass()).over(spec).adding(component, more).build();
  }

  /** Appends to a list component. */
  Draft<T> adding(String component, List<?> more) {
    List<Object> all = new ArrayList<>();
    if (value(component) instanceof List<?> list) {
      all.addAll(list);
    }
    more.stream().filter(item -> !all.contains(item)).forEach(all::add);
    return with(component, all);
  }

  /** Adds an entry to a map component. */
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
   * Builds the spec: given values, else those of the base, else the record's defaults.
   *
   * @throws SpecException listing all problems
   */
  public T build() {
    return Reflection.create(
        type,
        Arrays.stream(type.getRecordComponents())
            .map(this::value)
            .map(value -> value instanceof Draft<?> part ? part.build() : value)
            .toArray());
  }

  /** The given values as JSON; the whole spec if they form one. */
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
