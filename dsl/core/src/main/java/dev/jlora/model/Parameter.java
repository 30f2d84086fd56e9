package dev.jlora.model;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * A named weight of a network.
 *
 * <p>The tensor it was loaded with may lie over a mapped file, which is read-only memory: it is
 * never written. Whoever changes a weight (an optimizer, a merge) first takes {@link #own a private
 * copy}; {@link #restore} gives the loaded one back, bit for bit.
 */
public final class Parameter {
  private final String name;
  private final Scope owner;
  private final Tensor loaded;
  private final boolean writable;
  private Tensor value;
  private boolean trainable;

  private Parameter(String name, Tensor loaded, Scope owner, boolean writable) {
    this.name = name;
    this.loaded = owner.adopt(loaded);
    this.value = loaded;
    this.owner = owner;
    this.writable = writable;
  }

  /** A weight as loaded, perhaps over mapped memory; {@code owner} takes the tensor. */
  public static Parameter loaded(String name, Tensor value, Scope owner) {
    return new Parameter(name, value, owner, false);
  }

  /** A new trainable weight in memory of its own, such as an adapter's; {@code owner} takes it. */
  public static Parameter fresh(String name, Tensor value, Scope owner) {
    Parameter parameter = new Parameter(name, value, owner, true);
    parameter.trainable = true;
    return parameter;
  }

  /** The full name in the checkpoint or, for an adapter, below its module. */
  public String name() {
    return name;
  }

  /** The tensor in use. It stays the parameter's: do not close it, and do not keep it. */
  public Tensor value() {
    return value;
  }

  /** The tensor as it was loaded, whatever happened to {@link #value} since. */
  public Tensor loaded() {
    return loaded;
  }

  /** Its declared shape. */
  public List<Long> shape() {
    return java.util.Arrays.stream(loaded.shape()).boxed().toList();
  }

  /** How many elements it has. */
  public long elements() {
    return loaded.elements();
  }

  /** Whether training updates it. */
  public boolean trainable() {
    return trainable;
  }

  /**
   * Sets whether the weight is trained. A weight that becomes trainable gets a private float32 copy
   * (the master that the optimizer updates), whatever the precision of the rest.
   */
  public void trainable(boolean trainable) {
    if (trainable && !writable && value == loaded) {
      own(master(loaded.dtype()));
    }
    this.trainable = trainable;
  }

  /** Whether {@link #value} may be written in place. */
  public boolean owned() {
    return writable || value != loaded;
  }

  /** The value in private memory that may be written in place, copied first where it was not. */
  public Tensor own() {
    return own(value.dtype());
  }

  private Tensor own(DType dtype) {
    if (!owned()) {
      try (var _ = Scope.open()) {
        Tensor copy = dtype == value.dtype() ? Ops.clone(value) : Ops.to(value, dtype);
        value = owner.adopt(copy);
      }
    }
    return value;
  }

  /**
   * Puts another tensor of the same shape in the place of the loaded one, which stays for {@link
   * #restore}; the parameter's owner takes it.
   */
  public void replace(Tensor replacement) {
    restore();
    value = owner.adopt(replacement);
  }

  /** Drops a private copy: the value is the loaded one again. */
  public void restore() {
    if (value != loaded) {
      value.close();
      value = loaded;
    }
  }

  private static DType master(DType dtype) {
    return dtype == DType.FLOAT64 ? dtype : DType.FLOAT32;
  }

  @Override
  public String toString() {
    return "%s %s%s".formatted(name, shape(), trainable ? " trainable" : "");
  }
}
