package dev.jlora.model.runtime;

import dev.jlora.model.Parameter;
import dev.jlora.model.layers.TiedLinear;
import dev.jlora.model.network.Network;

/**
 * The weight that a {@link TiedLinear} reads: another layer's parameter, until the network {@link
 * Network#untie unties} it.
 */
public final class TiedWeight {
  private final String path;
  private final Parameter source;
  private Parameter value;

  /**
   * @param path where the tied layer is in the tree
   * @param source the parameter it shares
   */
  public TiedWeight(String path, Parameter source) {
    this.path = path;
    this.source = source;
    this.value = source;
  }

  /** Whether this is the layer whose weight a checkpoint calls {@code name}. */
  public boolean is(String name, String sourceName) {
    return source.name().equals(sourceName) && (path.isEmpty() || name.startsWith(path + "."));
  }

  /** The shared parameter, whatever the layer reads now. */
  public Parameter source() {
    return source;
  }

  /** The parameter that the layer reads. */
  public Parameter value() {
    return value;
  }

  public void set(Parameter own) {
    value = own;
  }
}
