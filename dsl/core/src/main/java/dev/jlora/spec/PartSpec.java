package dev.jlora.spec;

import java.util.Map;

/**
 * A part of a job that a plugin brings, chosen by its name: an optimizer, a schedule, a callback.
 * Beside the keys that all parts of its kind have, it takes parameters that this one part declares;
 * in JSON they stand beside the others.
 */
public sealed interface PartSpec extends Spec permits OptimizerSpec, ScheduleSpec, CallbackSpec {

  /** The name under which a plugin offers the part. */
  String name();

  /**
   * The part's own parameters as they were given, by their keys in JSON: texts, numbers, booleans,
   * lists and maps of such. The part's defaults stand for those that are absent.
   */
  Map<String, Object> parameters();

  /**
   * The part's own parameters as the record that the part declares.
   *
   * @param type a record with a static {@code defaults()}, whose values absent parameters take
   * @throws SpecException naming every parameter that is unknown, of the wrong type, or refused by
   *     the record
   */
  default <T extends Spec> T parametersAs(Class<T> type) {
    return SpecReader.parameters(type, parameters(), kind());
  }

  /** The kind of part, as messages name it: {@code optimizer}. */
  String kind();
}
