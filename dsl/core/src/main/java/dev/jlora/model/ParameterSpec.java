package dev.jlora.model;

import java.util.List;

/** A declared parameter: name (relative to its layer), shape, initialization and kind. */
public record ParameterSpec(String name, List<Long> shape, Init init, Kind kind) {

  /** The kind of a parameter. Weight decay skips biases and norms. */
  public enum Kind {
    /** A multiplied or looked-up value: a matrix, an embedding table, a learned token. */
    WEIGHT,
    /** A value added to a weight's product. */
    BIAS,
    /** The scale or shift of a normalization. */
    NORM
  }

  public ParameterSpec {
    shape = List.copyOf(shape);
  }

  /** A matrix, an embedding table or a convolution kernel. */
  public static ParameterSpec weight(String name, List<Long> shape, Init init) {
    return new ParameterSpec(name, shape, init, Kind.WEIGHT);
  }

  /** A bias with {@code size} elements, named {@code bias}, initialized to zero. */
  public static ParameterSpec bias(long size) {
    return new ParameterSpec("bias", List.of(size), Init.ZEROS, Kind.BIAS);
  }

  /** The scale or shift of a norm with {@code width} elements. */
  public static ParameterSpec norm(String name, long width, Init init) {
    return new ParameterSpec(name, List.of(width), init, Kind.NORM);
  }

  public long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** The shape as an array. */
  public long[] sizes() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /** This parameter with another initialization. */
  public ParameterSpec with(Init other) {
    return new ParameterSpec(name, shape, other, kind);
  }

  /** This parameter under the path of its layer. */
  public ParameterSpec under(String path) {
    return path.isEmpty() ? this : new ParameterSpec(path + "." + name, shape, init, kind);
  }
}
