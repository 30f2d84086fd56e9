package dev.jlora.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.lang.reflect.RecordComponent;

/**
 * A part's parameter given as text, for instance on the command line. When a job is read, it is
 * converted to the type that the part declares: the text itself, or its value as JSON.
 */
public record SpecText(String text) {

  /** The value for key {@code key} of a record. */
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
