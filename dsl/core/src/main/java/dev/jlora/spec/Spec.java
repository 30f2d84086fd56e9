package dev.jlora.spec;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Map;

/** A part of a job: an immutable record with snake_case JSON on both sides. */
public interface Spec {

  /** This spec as a JSON object: snake_case keys in order; keys without a value are left out. */
  @JsonValue
  default Map<String, Object> toMap() {
    return SpecPrinter.map(this);
  }

  /** This spec as indented JSON. */
  default String json() {
    return SpecPrinter.print(this);
  }
}
