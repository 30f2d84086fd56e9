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
 * <p>The tensor it was loaded with may be a view of a mapped file, which is read-only memory: it is
 * never written. Code that changes a weight (an optimizer, a merge) first creates {@link #own a
 * private copy}; {@link #restore} reverts to the loaded one, bit for bit.
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

  /** A loaded weight, possibly in mapped memory; {@code owner} takes ownership of the tensor. */
  public static Parameter loaded(String name, ParameterSpec.Kind kind, Tensor value, Scope owner) {
    return new Parameter(name, kind, value, owner, false);
  }

  /**
   * A new trainable weight in memory of its own, such as an adapter's; {@code owner} takes
   * ownership of the tensor.
   */
  public static Parameter fresh(String name, Tensor value, Scope owner) {
    return fresh(name, ParameterSpec.Kind.WEIGHT, value, owner);
  }

  /**
   * A new trainable bias, norm or weight in memory of its own; {@code owner} takes ownership of the
   * tensor.
   */
  public static Parameter fresh(String name, ParameterSpec.Kind kind, Tensor value, Scope owner) {
    Parameter parameter = new Parameter(name, kind, value, owner, true);
    parameter.trainable = true;
    return parameter;
  }

  /** The full name in the checkpoint or, for an adapter, relative to its module. */
  public String name() {
    return name;
  }

  /** The parameter's kind, which decides whether weight decay applies. */
  public ParameterSpec.Kind kind() {
    return kind;
  }

  /** The current tensor. The parameter owns it: do not close it, and do not keep it. */
  public Tensor value() {
    return value;
  }

  /** The value as a frozen weight, with its products. */
  public FrozenWeight frozen() {
    return frozen;
  }

  private void put(Tensor tensor) {
    value = tensor;
    frozen = new DenseWeight(tensor);
  }

  /** The tensor as it was loaded, regardless of later changes of {@link #value}. */
  public Tensor loaded() {
    return loaded;
  }

  /** The declared shape. */
  public List<Long> shape() {
    return java.util.Arrays.stream(loaded.shape()).boxed().toList();
  }

  /** The number of elements. */
  public long elements() {
    return loaded.elements();
  }

  /** Whether training updates the parameter. */
  public boolean trainable() {
    return trainable;
  }

  /**
   * Sets whether the weight is trained. A weight that becomes trainable gets a private float32 copy
   * (the master that the optimizer updates), regardless of the network's precision.
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

  /** The value in private memory that may be written in place, copied first if necessary. */
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
   * Temporarily replaces the value with another tensor of the same shape, until {@link #swapBack};
   * the parameter's owner takes ownership of it.
   */
  public void swapIn(Tensor replacement) {
    swapBack();
    aside = value;
    put(owner.adopt(replacement));
  }

  /** Restores the value that {@link #swapIn} replaced, and frees the replacement. */
  public void swapBack() {
    if (aside != null) {
      value.close();
      put(aside);
      aside = null;
    }
  }

  /**
   * A trainable copy of the loaded value in private memory: float64 if the network is float64,
   * otherwise float32.
   *
   * @param name of the copy
   * @param owner of its memory
   */
  public Parameter trainableCopy(String name, Scope owner) {
    return copy(name, owner, master(loaded.dtype()));
  }

  /** A frozen copy in private memory, in the dtype of the network. */
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

  /** Drops a private copy and reverts to the loaded value. */
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
