package dev.jlora.spec;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The parameters of a {@link PartSpec}: how they are stored, and which keys they cannot have. */
final class PartParameters {
  /** The component of a {@link PartSpec} that holds them; it is not a JSON key. */
  static final String COMPONENT = "parameters";

  private static final double EXACT = 1L << 53;

  private PartParameters() {}

  /** The common keys of all parts of this kind. */
  static List<String> commonKeys(Class<?> partSpec) {
    return Arrays.stream(partSpec.getRecordComponents())
        .filter(component -> !isHolder(partSpec, component))
        .map(SpecPrinter::key)
        .toList();
  }

  /** Whether a component holds the parameters, which JSON has next to the common keys. */
  static boolean isHolder(Class<?> type, RecordComponent component) {
    return PartSpec.class.isAssignableFrom(type) && component.getName().equals(COMPONENT);
  }

  /** An immutable copy, sorted by key, with numbers and records as JSON would have them. */
  static Map<String, Object> copy(Map<String, ?> parameters) {
    Map<String, Object> copy = new TreeMap<>();
    parameters.forEach(
        (key, value) -> {
          Object plain = plain(SpecPrinter.plain(value));
          if (plain != null) {
            copy.put(key, plain);
          }
        });
    return Collections.unmodifiableMap(copy);
  }

  private static Object plain(Object value) {
    return switch (value) {
      case Integer number -> number.longValue();
      case Float number -> plain(number.doubleValue());
      case Double number when number == Math.rint(number) && Math.abs(number) < EXACT ->
          number.longValue();
      case List<?> list -> {
        List<Object> items = new ArrayList<>();
        list.forEach(item -> items.add(plain(item)));
        yield Collections.unmodifiableList(items);
      }
      case Map<?, ?> map -> {
        Map<Object, Object> entries = new LinkedHashMap<>();
        map.forEach((key, entry) -> entries.put(key, plain(entry)));
        yield Collections.unmodifiableMap(entries);
      }
      case null, default -> value;
    };
  }

  /** Reports parameters whose keys are those of the spec itself. */
  static Problems check(
      Problems problems, Class<? extends PartSpec> type, Map<String, Object> parameters) {
    List<String> common = commonKeys(type);
    parameters
        .keySet()
        .forEach(
            key ->
                problems.unless(
                    !common.contains(key),
                    "%s: got it among the part's own parameters, expected it as a common setting of"
                        + " all such parts",
                    key));
    return problems;
  }
}
