package dev.jlora.engine.steps;

import dev.jlora.autograd.Gradients;
import dev.jlora.model.Parameter;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.ScalingOps;
import dev.jlora.profile.Phase;
import dev.jlora.profile.Profiler;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Sums the gradients of one step's micro-batches. */
final class GradientSum implements AutoCloseable {
  private final List<Parameter> parameters;
  private final List<@Nullable Tensor> sums;
  private final BitSet present = new BitSet();
  private final Scope owner = Scope.detached();

  GradientSum(List<Parameter> parameters) {
    this.parameters = parameters;
    this.sums = new ArrayList<>(Collections.nCopies(parameters.size(), null));
  }

  /**
   * A sum for many steps, at fixed addresses; {@link #clear} begins each of them. It computes the
   * same numbers as a new one.
   */
  static GradientSum staying(List<Parameter> parameters) {
    GradientSum sum = new GradientSum(parameters);
    try (var _ = Scope.open()) {
      for (int i = 0; i < parameters.size(); i++) {
        sum.sums.set(i, sum.owner.adopt(Tensor.zerosLike(parameters.get(i).value())));
      }
    }
    return sum;
  }

  /** Clears a {@link #staying} sum. */
  void clear() {
    present.clear();
    if (!sums.isEmpty()) {
      ScalingOps.zero(sums);
    }
  }

  /** All tensors of a {@link #staying} sum, with or without a gradient. */
  List<@Nullable Tensor> memory() {
    return Collections.unmodifiableList(sums);
  }

  /** The indices of parameters with a gradient. */
  BitSet touched() {
    return (BitSet) present.clone();
  }

  /** Records that gradients of these parameters were added by captured work. */
  void added(BitSet others) {
    present.or(others);
  }

  /** Records that only these parameters have a gradient. */
  void only(BitSet touched) {
    present.clear();
    present.or(touched);
  }

  /** Adds the gradients of one micro-batch; a parameter that was not used adds nothing. */
  void add(Gradients gradients) {
    for (int i = 0; i < sums.size(); i++) {
      Tensor gradient = gradients.of(parameters.get(i).value());
      if (gradient == null) {
        continue;
      }
      present.set(i);
      Tensor sum = sums.get(i);
      if (sum == null) {
        sums.set(i, owner.adopt(gradient));
      } else {
        try (var _ = Profiler.enter(Phase.ACCUMULATION)) {
          InPlace.add(sum, gradient, 1);
        }
      }
    }
  }

  /** The gradients of the parameters that were used. */
  List<Tensor> present() {
    return tensors().stream().filter(Objects::nonNull).toList();
  }

  /** One per parameter, null for parameters that were not used; owned by this sum. */
  List<@Nullable Tensor> tensors() {
    List<@Nullable Tensor> found = new ArrayList<>(sums);
    for (int i = 0; i < found.size(); i++) {
      if (!present.get(i)) {
        found.set(i, null);
      }
    }
    return Collections.unmodifiableList(found);
  }

  @Override
  public void close() {
    owner.close();
  }
}
