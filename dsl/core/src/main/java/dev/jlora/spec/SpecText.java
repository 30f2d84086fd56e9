package dev.jlora.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.lang.reflect.RecordComponent;

/**
 * A part's parameter that was given as text, as on a command line. Reading a job takes it as the
 * type that the part declares: the text itself, or what it says as JSON.
 */
public record SpecText(String text) {

  /** The value of key {@code key} of a record. */
  Object as(Class<? extends Spec> type, String key) {
    for (RecordComponent component : type.getRecordComponents()) {
      if (SpecPrinter.key(component).equals(key)
          && (component.getType() == String.class || component.getType().isEnum())) {
        return text;
      }
    }
    try {
      Object read = SpecPrinter.MAPPER.readValue(text, Object.class);
      return read == null ? text : read;
    } catch (JsonProcessingException e) {
      return text;
    }
  }
}
