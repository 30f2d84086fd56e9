package dev.jlora.peft;

import dev.jlora.model.Parameter;
import dev.jlora.spec.Nearest;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** The parameters of an {@link AdapterTarget}, allocated and initialized. */
public final class OwnParameters {
  private final Map<String, Parameter> own;
  private final Map<String, Parameter> shared;
  private final Map<String, Tensor> kept = new LinkedHashMap<>();
  private final String path;
  private final long seed;
  private final Scope scope;

  /**
   * @param path of the module
   * @param seed of the job
   * @param scope frees what is kept
   */
  OwnParameters(
      Map<String, Parameter> own,
      Map<String, Parameter> shared,
      String path,
      long seed,
      Scope scope) {
    this.own = own;
    this.shared = shared;
    this.path = path;
    this.seed = seed;
    this.scope = scope;
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

  /**
   * Keeps a tensor that is neither trained nor counted as a parameter, such as the initial value of
   * one; the adapter frees it.
   *
   * @return {@code value}
   */
  public Tensor keep(String name, Tensor value) {
    if (kept.putIfAbsent(name, scope.adopt(value)) != null) {
      throw new IllegalStateException("'%s' of %s is kept already".formatted(name, path));
    }
    return value;
  }

  /** A tensor that was {@linkplain #keep kept}. */
  public Tensor kept(String name) {
    Tensor value = kept.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "nothing kept as '%s'; kept are %s".formatted(name, kept.keySet()));
    }
    return value;
  }

  /** Random numbers that depend only on the job's seed, the module and {@code name}. */
  public SplittableRandom random(String name) {
    return OwnParameter.random(path + "." + name, seed);
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
