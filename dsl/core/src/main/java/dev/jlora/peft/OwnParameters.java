package dev.jlora.peft;

import dev.jlora.model.Parameter;
import dev.jlora.spec.Nearest;
import java.util.List;
import java.util.Map;

/** The parameters of an {@link AdapterTarget}, allocated and initialized. */
public final class OwnParameters {
  private final Map<String, Parameter> own;
  private final Map<String, Parameter> shared;

  OwnParameters(Map<String, Parameter> own, Map<String, Parameter> shared) {
    this.own = own;
    this.shared = shared;
  }

  /** The module's own parameters, in the order of their declaration. */
  public List<Parameter> all() {
    return List.copyOf(own.values());
  }

  /** One of the module's own parameters, by its name relative to the module. */
  public Parameter get(String name) {
    return found(own, name);
  }

  /** A parameter that all targets share. */
  public Parameter shared(String name) {
    return found(shared, name);
  }

  private static Parameter found(Map<String, Parameter> parameters, String name) {
    Parameter parameter = parameters.get(name);
    if (parameter == null) {
      throw new IllegalArgumentException(
          "no parameter '%s'; declared are %s"
              .formatted(name, Nearest.list(name, parameters.keySet())));
    }
    return parameter;
  }
}
