package dev.jlora.spec;

import java.util.Map;

/**
 * A callback of a training run, contributed by a plugin.
 *
 * @param name of the callback
 * @param parameters its own parameters, see {@link PartSpec#parameters}
 */
public record CallbackSpec(String name, Map<String, Object> parameters) implements PartSpec {
  public CallbackSpec {
    parameters = PartParameters.copy(parameters);
    PartParameters.check(Problems.in("callback"), CallbackSpec.class, parameters)
        .unless(!name.isBlank(), "name: got none, expected a callback of a plugin")
        .throwIfAny();
  }

  /** A callback with default parameters. */
  public static CallbackSpec of(String name) {
    return new CallbackSpec(name, Map.of());
  }

  /** Replaces the parameters. */
  public CallbackSpec withParameters(Map<String, ?> parameters) {
    return new CallbackSpec(name, PartParameters.copy(parameters));
  }

  /** Replaces the parameters by those of a record from the plugin. */
  public CallbackSpec withParameters(Spec parameters) {
    return withParameters(parameters.toMap());
  }

  @Override
  public String kind() {
    return "callback";
  }

  @Override
  public String toString() {
    return json();
  }
}
