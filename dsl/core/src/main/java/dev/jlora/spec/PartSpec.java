package dev.jlora.spec;

import java.util.Map;

/**
 * A part of a job contributed by a plugin and chosen by name: an optimizer, a schedule, a callback.
 * In addition to the common keys of its kind, it has parameters that this part declares; in JSON
 * they are next to the common keys.
 */
public sealed interface PartSpec extends Spec permits OptimizerSpec, ScheduleSpec, CallbackSpec {

  /** The name of the part. */
  String name();

  /**
   * The part's own parameters as given, by their JSON keys: strings, numbers, booleans, lists and
   * maps of these. Absent parameters have the part's defaults.
   */
  Map<String, Object> parameters();

  /**
   * The part's own parameters as the record that the part declares.
   *
   * @param type a record with a static {@code defaults()}, the values of absent parameters
   * @throws SpecException listing every parameter that is unknown, of the wrong type, or rejected
   *     by the record
   */
  default <T extends Spec> T parametersAs(Class<T> type) {
    return SpecReader.parameters(type, parameters(), kind());
  }

  /** The kind of part, for messages: {@code optimizer}. */
  String kind();
}
