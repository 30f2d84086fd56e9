package dev.jlora.engine;

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

/** Adds up the gradients of the micro-batches of one step. */
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
   * A sum for many steps, in memory that stays; {@link #clear} begins each of them. It holds the
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

  /** Sets a {@link #staying} sum to that of no gradients. */
  void clear() {
    present.clear();
    if (!sums.isEmpty()) {
      ScalingOps.zero(sums);
    }
  }

  /** All of a {@link #staying} sum, whether it has a gradient or not. */
  List<@Nullable Tensor> memory() {
    return Collections.unmodifiableList(sums);
  }

  /** Which parameters have a gradient. */
  BitSet touched() {
    return (BitSet) present.clone();
  }

  /** Notes that the gradients of these parameters were added, by work that was recorded. */
  void added(BitSet others) {
    present.or(others);
  }

  /** Notes that these parameters have a gradient, and no other. */
  void only(BitSet touched) {
    present.clear();
    present.or(touched);
  }

  /** Adds the gradients of one micro-batch; a parameter that took no part adds nothing. */
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

  /** The gradients that there are. */
  List<Tensor> present() {
    return tensors().stream().filter(Objects::nonNull).toList();
  }

  /** One per parameter, null where none took part; owned by this sum. */
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
