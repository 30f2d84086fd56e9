package dev.jlora.model.runtime;

import dev.jlora.model.Parameter;
import dev.jlora.model.layers.TiedLinear;
import java.util.List;

/**
 * The weight of a {@link TiedLinear}: another layer's parameter, until a merged adapter gives it a
 * value of its own.
 */
public final class TiedWeight {
  private final String path;
  private final Parameter source;
  private Parameter value;
  private List<String> names = List.of();

  /**
   * @param path of the tied layer in the tree
   * @param source the shared parameter
   */
  public TiedWeight(String path, Parameter source) {
    this.path = path;
    this.source = source;
    this.value = source;
  }

  /** Whether {@code name} is this weight's name in checkpoints. */
  public boolean is(String name, String sourceName) {
    return source.name().equals(sourceName) && (path.isEmpty() || name.startsWith(path + "."));
  }

  /** The shared parameter, even after untying. */
  public Parameter source() {
    return source;
  }

  /** The layer's current parameter. */
  public Parameter value() {
    return value;
  }

  /** The names of this weight in checkpoints; empty if the architecture declares none. */
  public List<String> names() {
    return names;
  }

  /**
   * The path of the layer's module, from the name of its weight in checkpoints: {@code
   * cls.predictions.decoder}; that in the tree if it has no name.
   */
  public String module() {
    String suffix = ".weight";
    return names.stream()
        .filter(name -> name.endsWith(suffix))
        .map(name -> name.substring(0, name.length() - suffix.length()))
        .findFirst()
        .orElse(path);
  }

  /** Sets the names of this weight in checkpoints. */
  public void named(List<String> checkpointNames) {
    names = List.copyOf(checkpointNames);
  }

  /** Sets the parameter that the layer reads. */
  public void set(Parameter own) {
    value = own;
  }
}
