package dev.jlora.peft;

import dev.jlora.model.Parameter;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/**
 * A float32 parameter that an adapter adds to a model.
 *
 * @param name relative to its module ({@code lora_A.weight}); the full name if all targets share it
 * @param start its initialization
 */
public record OwnParameter(String name, long[] shape, Start start, Use use) {

  /** Whether a parameter is trained, saved and counted. */
  public enum Use {
    /** Training updates it, and it is saved. */
    TRAINED,
    /** It is saved but not trained. */
    FROZEN,
    /** Saved, but neither trained nor counted, like a buffer in PyTorch. */
    BUFFER,
    /** Neither trained, counted nor saved: loading initializes it again. */
    RECOMPUTED
  }

  /** A trained parameter. */
  public OwnParameter(String name, Start start, long... shape) {
    this(name, shape, start, Use.TRAINED);
  }

  /** A copy that is used differently. */
  public OwnParameter as(Use other) {
    return new OwnParameter(name, shape, start, other);
  }

  /** A copy that is saved but not trained. */
  public OwnParameter frozen() {
    return as(Use.FROZEN);
  }

  /** Whether training updates it. */
  public boolean trained() {
    return use == Use.TRAINED;
  }

  /** Whether files contain it. */
  boolean saved() {
    return use != Use.RECOMPUTED;
  }

  /** Whether PEFT counts it among all parameters. */
  boolean counted() {
    return trained() || use == Use.FROZEN;
  }

  /** Number of elements. */
  public long elements() {
    long elements = 1;
    for (long size : shape) {
      elements = Math.multiplyExact(elements, size);
    }
    return elements;
  }

  /**
   * Allocates and initializes the parameter; {@code owner} frees it.
   *
   * @param fullName its name in the model, which decides its random values together with the seed
   */
  public Parameter create(String fullName, long seed, Device device, Scope owner) {
    try (var _ = Scope.open()) {
      Tensor value = Ops.to(values(random(fullName, seed)), device);
      Parameter parameter = Parameter.fresh(fullName, value, owner);
      parameter.trainable(trained());
      return parameter;
    }
  }

  private Tensor values(SplittableRandom random) {
    if (start == Start.ZEROS) {
      return Tensor.zeros(DType.FLOAT32, shape);
    }
    DoubleSupplier draw = start.values(random);
    float[] values = new float[Math.toIntExact(elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) draw.getAsDouble();
    }
    return Tensor.of(values, shape);
  }

  static SplittableRandom random(String name, long seed) {
    long mixed = seed;
    for (int i = 0; i < name.length(); i++) {
      mixed = mixed * 0x9E3779B97F4A7C15L + name.charAt(i) + 1;
    }
    return new SplittableRandom(mixed);
  }
}
