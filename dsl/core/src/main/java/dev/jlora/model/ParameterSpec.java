package dev.jlora.model;

import java.util.List;

/**
 * A parameter as declared: name (relative to its layer), shape, and how it starts when it is fresh.
 */
public record ParameterSpec(String name, List<Long> shape, Init init) {
  public ParameterSpec {
    shape = List.copyOf(shape);
  }

  public long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** The shape as tensors take it. */
  public long[] sizes() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /** The same parameter under the path of its layer. */
  public ParameterSpec under(String path) {
    return path.isEmpty() ? this : new ParameterSpec(path + "." + name, shape, init);
  }
}
