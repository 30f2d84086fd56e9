package dev.jlora.model.runtime;

import dev.jlora.model.Parameter;
import dev.jlora.model.layers.TiedLinear;
import java.util.List;

/**
 * The weight that a {@link TiedLinear} reads: another layer's parameter, until a merged adapter
 * gives it a value of its own.
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

  /** Whether checkpoints call this layer's weight {@code name}. */
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

  /** What checkpoints call it; none where the architecture does not say. */
  public List<String> names() {
    return names;
  }

  /** Says what checkpoints call it. */
  public void named(List<String> checkpointNames) {
    names = List.copyOf(checkpointNames);
  }

  /** Makes the layer read another parameter. */
  public void set(Parameter own) {
    value = own;
  }
}
