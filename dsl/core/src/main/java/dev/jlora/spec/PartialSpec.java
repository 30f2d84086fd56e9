package dev.jlora.spec;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An incomplete spec, as builders keep it: the given values, by component. Immutable, so that a
 * builder can be shared, refined in several ways, and used by several threads. The order of values
 * does not matter, except that a later value of one component replaces an earlier one. Elements
 * that are added to a list or a map are kept apart from its value, so that either may come first.
 *
 * @param <T> the record that is built
 */
public final class PartialSpec<T extends Spec> {
  private final Class<T> type;
  private final @Nullable T base;
  private final Map<String, @Nullable Object> given;
  private final Map<String, Object> added;

  private PartialSpec(
      Class<T> type,
      @Nullable T base,
      Map<String, @Nullable Object> given,
      Map<String, Object> added) {
    this.type = type;
    this.base = base;
    this.given = Collections.unmodifiableMap(given);
    this.added = Map.copyOf(added);
  }

  /** A partial spec without values. */
  public static <T extends Spec> PartialSpec<T> of(Class<T> type) {
    return new PartialSpec<>(type, null, Map.of(), Map.of());
  }

  /** Sets the value of a component, replacing an earlier one. */
  public PartialSpec<T> with(String component, @Nullable Object value) {
    if (Arrays.stream(type.getRecordComponents()).noneMatch(c -> c.getName().equals(component))) {
      throw new IllegalArgumentException(type.getName() + " has no component " + component);
    }
    Map<String, @Nullable Object> more = new LinkedHashMap<>(given);
    more.put(component, value);
    return new PartialSpec<>(type, base, more, added);
  }

  /** A copy based on {@code spec}, which provides all values that were not given. */
  public PartialSpec<T> over(T spec) {
    return new PartialSpec<>(type, spec, given, added);
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
    return PartialSpec.of((Class<T>) spec.getClass()).over(spec).adding(component, more).build();
  }

  /** Appends to a list component, whenever the list itself is set. */
  PartialSpec<T> adding(String component, List<?> more) {
    return adding(component, (Object) more);
  }

  /** Adds an entry to a map component, whenever the map itself is set. */
  PartialSpec<T> adding(String component, String key, Object value) {
    return adding(component, Map.of(key, value));
  }

  private PartialSpec<T> adding(String component, Object more) {
    Map<String, Object> all = new LinkedHashMap<>(added);
    all.merge(component, more, PartialSpec::together);
    return new PartialSpec<>(type, base, given, all);
  }

  /** The entries of both maps, those of {@code more} replacing; or the elements of both lists. */
  private static Object together(@Nullable Object value, Object more) {
    if (more instanceof Map<?, ?> entries) {
      Map<Object, Object> all = new LinkedHashMap<>();
      if (value instanceof Map<?, ?> map) {
        all.putAll(map);
      }
      all.putAll(entries);
      return all;
    }
    Set<Object> all = new LinkedHashSet<>();
    if (value instanceof List<?> list) {
      all.addAll(list);
    }
    all.addAll((List<?>) more);
    return List.copyOf(all);
  }

  private @Nullable Object value(RecordComponent component) {
    Object more = added.get(component.getName());
    Object value = replaced(component);
    return more == null ? value : together(value, more);
  }

  private @Nullable Object replaced(RecordComponent component) {
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
            .map(value -> value instanceof PartialSpec<?> part ? part.build() : value)
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
      String name = component.getName();
      Object more = added.get(name);
      Object value = more == null ? given.get(name) : together(given.get(name), more);
      value = value instanceof PartialSpec<?> part ? part.given() : SpecPrinter.plain(value);
      if (value != null && !(value instanceof Map<?, ?> none && none.isEmpty())) {
        map.put(SpecPrinter.key(component), value);
      }
    }
    return map;
  }
}
