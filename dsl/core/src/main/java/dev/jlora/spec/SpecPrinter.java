package dev.jlora.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Converts specs to plain maps, and those to JSON. */
final class SpecPrinter {
  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .defaultPrettyPrinter(
              new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")))
          .build();

  private static final double EXACT = 1L << 53;

  private SpecPrinter() {}

  static String print(Spec spec) {
    return text(map(spec));
  }

  static String text(Map<String, Object> map) {
    try {
      return MAPPER.writeValueAsString(map);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot print " + map.keySet(), e);
    }
  }

  static Map<String, Object> map(Spec spec) {
    Map<String, Object> map = new LinkedHashMap<>();
    if (spec instanceof AdapterSpec adapter) {
      map.put(SpecReader.METHOD, adapter.method());
    }
    for (RecordComponent component : spec.getClass().getRecordComponents()) {
      Object value = plain(Reflection.get(component, spec));
      if (spec instanceof PartSpec part && PartParameters.isHolder(spec.getClass(), component)) {
        map.putAll(part.parameters());
      } else if (value != null) {
        map.put(key(component), value);
      }
    }
    // a key that is null, though another value would be read where it is left out
    Reflection.completed(spec.getClass(), map).keySet().forEach(key -> map.putIfAbsent(key, null));
    return map;
  }

  static @Nullable Object plain(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Spec spec -> map(spec);
      case SpecValue written -> written.json();
      case Enum<?> constant -> word(constant);
      case Double number when number == Math.rint(number) && Math.abs(number) < EXACT ->
          number.longValue();
      case Collection<?> list -> list.stream().map(SpecPrinter::plain).toList();
      case Map<?, ?> map -> {
        Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
        map.forEach((name, entry) -> copy.put(name, plain(entry)));
        yield copy;
      }
      default -> value;
    };
  }

  /** The JSON form of a constant: {@code max_length} for {@code MAX_LENGTH}. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** The JSON key of a component: {@code max_length} for {@code maxLength}. */
  static String key(RecordComponent component) {
    return component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}
