package dev.jlora.model;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A named weight of a network.
 *
 * <p>The tensor it was loaded with may lie over a mapped file, which is read-only memory: it is
 * never written. Whoever changes a weight (an optimizer, a merge) first takes {@link #own a private
 * copy}; {@link #restore} gives the loaded one back, bit for bit.
 */
public final class Parameter {
  private final String name;
  private final ParameterSpec.Kind kind;
  private final Scope owner;
  private final Tensor loaded;
  private final boolean writable;
  private Tensor value;
  private FrozenWeight frozen;
  private @Nullable Tensor aside;
  private boolean trainable;

  private Parameter(
      String name, ParameterSpec.Kind kind, Tensor loaded, Scope owner, boolean writable) {
    this.name = name;
    this.kind = kind;
    this.loaded = owner.adopt(loaded);
    put(loaded);
    this.owner = owner;
    this.writable = writable;
  }

  /** A weight as loaded, perhaps over mapped memory; {@code owner} takes the tensor. */
  public static Parameter loaded(String name, ParameterSpec.Kind kind, Tensor value, Scope owner) {
    return new Parameter(name, kind, value, owner, false);
  }

  /** A new trainable weight in memory of its own, such as an adapter's; {@code owner} takes it. */
  public static Parameter fresh(String name, Tensor value, Scope owner) {
    return fresh(name, ParameterSpec.Kind.WEIGHT, value, owner);
  }

  /** A new trainable bias, norm or weight in memory of its own; {@code owner} takes it. */
  public static Parameter fresh(String name, ParameterSpec.Kind kind, Tensor value, Scope owner) {
    Parameter parameter = new Parameter(name, kind, value, owner, true);
    parameter.trainable = true;
    return parameter;
  }

  /** The full name in the checkpoint or, for an adapter, below its module. */
  public String name() {
    return name;
  }

  /** What it is to its layer, which decides whether weight decay shrinks it. */
  public ParameterSpec.Kind kind() {
    return kind;
  }

  /** The tensor in use. It stays the parameter's: do not close it, and do not keep it. */
  public Tensor value() {
    return value;
  }

  /** The value as products with it are made. */
  public FrozenWeight frozen() {
    return frozen;
  }

  private void put(Tensor tensor) {
    value = tensor;
    frozen = new DenseWeight(tensor);
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
        put(owner.adopt(copy));
      }
    }
    return value;
  }

  /**
   * Puts another tensor of the same shape in the place of the value, which {@link #swapBack}
   * returns to; the parameter's owner takes it.
   */
  public void swapIn(Tensor replacement) {
    swapBack();
    aside = value;
    put(owner.adopt(replacement));
  }

  /** Gives the value back for which another was put in its place; frees the other. */
  public void swapBack() {
    if (aside != null) {
      value.close();
      put(aside);
      aside = null;
    }
  }

  /**
   * A trainable copy of the value as it was loaded, in private memory: float32 whatever the
   * precision of the network, float64 where that is its own.
   *
   * @param name of the copy
   * @param owner takes its memory
   */
  public Parameter trainableCopy(String name, Scope owner) {
    return copy(name, owner, master(loaded.dtype()));
  }

  /** A copy in private memory that training leaves as it is, in the precision of the network. */
  public Parameter frozenCopy(String name, Scope owner) {
    Parameter copy = copy(name, owner, loaded.dtype());
    copy.trainable = false;
    return copy;
  }

  private Parameter copy(String name, Scope owner, DType dtype) {
    try (var _ = Scope.open()) {
      Tensor copy = dtype == loaded.dtype() ? Ops.clone(loaded) : Ops.to(loaded, dtype);
      return fresh(name, kind, copy, owner);
    }
  }

  /** Drops a private copy: the value is the loaded one again. */
  public void restore() {
    if (value != loaded) {
      value.close();
      put(loaded);
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
