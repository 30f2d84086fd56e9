package dev.jlora.model;

/**
 * The weight that a {@link TiedLinear} reads: another layer's parameter, until the network {@link
 * Network#untie unties} it.
 */
final class TiedWeight {
  private final String path;
  private final Parameter source;
  private Parameter value;

  /**
   * @param path where the tied layer is in the tree
   * @param source the parameter it shares
   */
  TiedWeight(String path, Parameter source) {
    this.path = path;
    this.source = source;
    this.value = source;
  }

  /** Whether this is the layer whose weight a checkpoint calls {@code name}. */
  boolean is(String name, String sourceName) {
    return source.name().equals(sourceName) && (path.isEmpty() || name.startsWith(path + "."));
  }

  /** The shared parameter, whatever the layer reads now. */
  Parameter source() {
    return source;
  }

  /** The parameter that the layer reads. */
  Parameter value() {
    return value;
  }

  void set(Parameter own) {
    value = own;
  }
}
