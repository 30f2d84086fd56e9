package dev.jlora.model;

import java.util.List;

/**
 * A parameter as declared: name (relative to its layer), shape, how it starts when it is fresh, and
 * what it is to its layer.
 */
public record ParameterSpec(String name, List<Long> shape, Init init, Kind kind) {

  /** What a parameter is. Weight decay spares biases and norms. */
  public enum Kind {
    /** Multiplies its input, or is looked up in: a matrix, a table, a learned token. */
    WEIGHT,
    /** Is added to what a weight gives. */
    BIAS,
    /** Scales or shifts what a normalization gives. */
    NORM
  }

  public ParameterSpec {
    shape = List.copyOf(shape);
  }

  /** A matrix, a table, a convolution's kernel. */
  public static ParameterSpec weight(String name, List<Long> shape, Init init) {
    return new ParameterSpec(name, shape, init, Kind.WEIGHT);
  }

  /** A bias of so many elements, named {@code bias}, which starts at zero. */
  public static ParameterSpec bias(long size) {
    return new ParameterSpec("bias", List.of(size), Init.ZEROS, Kind.BIAS);
  }

  /** A norm's scale or shift of so many elements. */
  public static ParameterSpec norm(String name, long width, Init init) {
    return new ParameterSpec(name, List.of(width), init, Kind.NORM);
  }

  public long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** The shape as tensors take it. */
  public long[] sizes() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /** The same parameter with another start. */
  public ParameterSpec with(Init other) {
    return new ParameterSpec(name, shape, other, kind);
  }

  /** The same parameter under the path of its layer. */
  public ParameterSpec under(String path) {
    return path.isEmpty() ? this : new ParameterSpec(path + "." + name, shape, init, kind);
  }
}
