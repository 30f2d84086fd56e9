package dev.jlora.spec;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Map;

/** A section of a job: an immutable record that is read from and written to snake_case JSON. */
public interface Spec {

  /** This spec as a JSON object: snake_case keys in order; keys without a value are omitted. */
  @JsonValue
  default Map<String, Object> toMap() {
    return SpecPrinter.map(this);
  }

  /** This spec as indented JSON. */
  default String json() {
    return SpecPrinter.print(this);
  }
}
