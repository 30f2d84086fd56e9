package dev.jlora.adapters.adalora;

import dev.jlora.model.Parameter;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one target's update, with the importance of each element: averages of |value *
 * gradient| and of their deviation from it (equations 9 to 11 of arXiv 2303.10512).
 */
final class Triplet {
  private static final String IMPORTANCE = "importance.";
  private static final String UNCERTAINTY = "uncertainty.";
  private static final String KEPT = "kept.";

  private final String path;
  private final Scored a;
  private final Scored b;
  private final Scored e;

  /** 1 for the ranks that are kept and 0 for the others, [rank, 1]. */
  private final Tensor kept;

  /**
   * @param owner of the averages
   */
  Triplet(String path, Parameter a, Parameter b, Parameter e, Scope owner) {
    this.path = path;
    this.a = new Scored(a, owner);
    this.b = new Scored(b, owner);
    this.e = new Scored(e, owner);
    try (var _ = Scope.open()) {
      Tensor values = e.value();
      kept = owner.adopt(Tensor.ones(values.dtype(), values.device(), values.shape()));
    }
  }

  /** A parameter with the averages of its elements, and the gradient of the current step. */
  private static final class Scored {
    private final Parameter parameter;
    private final Tensor importance;
    private final Tensor uncertainty;
    private final Tensor gradient;

    Scored(Parameter parameter, Scope owner) {
      this.parameter = parameter;
      try (var _ = Scope.open()) {
        importance = owner.adopt(Tensor.zerosLike(parameter.value()));
        uncertainty = owner.adopt(Tensor.zerosLike(parameter.value()));
        gradient = owner.adopt(Tensor.zerosLike(parameter.value()));
      }
    }

    void see(@Nullable Tensor found) {
      if (found == null) {
        InPlace.fill(gradient, 0);
      } else {
        gradient.copyFrom(found);
      }
    }

    /** A step whose gradient overflowed has no importance: it changes no weight, either. */
    void average(double beta1, double beta2) {
      Tensor product = Ops.abs(Ops.mul(parameter.value(), gradient));
      Tensor zeros = Tensor.zerosLike(product);
      Tensor limit =
          Tensor.full(Double.POSITIVE_INFINITY, product.dtype(), product.device(), product.shape());
      Tensor now = Ops.where(Ops.lt(product, limit), product, zeros);
      importance.copyFrom(smoothed(importance, now, beta1));
      Tensor deviation = Ops.abs(Ops.sub(now, importance));
      uncertainty.copyFrom(smoothed(uncertainty, deviation, beta2));
    }

    private static Tensor smoothed(Tensor average, Tensor now, double beta) {
      return Ops.add(Ops.mul(average, beta), Ops.mul(now, 1 - beta));
    }

    Tensor scores() {
      return Ops.mul(importance, uncertainty);
    }

    void forget() {
      InPlace.fill(importance, 0);
      InPlace.fill(uncertainty, 0);
    }
  }

  /** Number of ranks. */
  long rank() {
    return kept.size(0);
  }

  /** Keeps the gradients of a step. */
  void see(Function<Parameter, @Nullable Tensor> gradients) {
    for (Scored part : List.of(a, b, e)) {
      part.see(gradients.apply(part.parameter));
    }
  }

  /** Adds a step, whose update has been made, to the averages. */
  void average(double beta1, double beta2) {
    for (Scored part : List.of(a, b, e)) {
      part.average(beta1, beta2);
    }
  }

  /** The importance of each rank, [rank]: that of E, and the means of A's row and B's column. */
  Tensor scores() {
    Tensor rows = Reduce.mean(a.scores(), false, 1);
    Tensor columns = Reduce.mean(b.scores(), false, 0);
    return Ops.add(Views.reshape(e.scores(), -1), Ops.add(rows, columns));
  }

  /**
   * Keeps the ranks above a threshold.
   *
   * @param scores as {@link #scores} returns them
   * @param threshold [1]
   */
  void keep(Tensor scores, Tensor threshold) {
    Tensor dropped = Ops.to(Ops.le(scores, threshold), kept.dtype());
    Tensor left = Ops.addScalar(Ops.neg(dropped), 1);
    kept.copyFrom(Views.reshape(left, kept.shape()));
  }

  /** Keeps the first ranks, which a file has. */
  void keepFirst(long count) {
    InPlace.fill(kept, 0);
    try (var _ = Scope.open()) {
      InPlace.fill(Views.slice(kept, 0, 0, count), 1);
    }
  }

  /** Sets the singular values of the ranks that are not kept to zero. */
  void mask() {
    InPlace.mul(e.parameter.value(), kept);
  }

  /** Drops the averages. */
  void forget() {
    for (Scored part : List.of(a, b, e)) {
      part.forget();
    }
  }

  /** Which ranks are kept; reads the values. */
  boolean[] kept() {
    float[] values = kept.toFloats();
    boolean[] all = new boolean[values.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = values[i] != 0;
    }
    return all;
  }

  /**
   * Adds the state of a training run.
   *
   * @param whole whether to add the parts, too, since the adapter's file has only the kept ranks
   */
  void state(Map<String, Tensor> state, boolean whole) {
    for (Scored part : List.of(a, b, e)) {
      String name = part.parameter.name();
      state.put(IMPORTANCE + name, part.importance);
      state.put(UNCERTAINTY + name, part.uncertainty);
      if (whole) {
        state.put(name, part.parameter.value());
      }
    }
    state.put(KEPT + path, kept);
  }

  /** Restores what {@link #state} added. */
  void restore(Map<String, Tensor> saved) {
    for (Scored part : List.of(a, b, e)) {
      String name = part.parameter.name();
      copy(saved, IMPORTANCE + name, part.importance);
      copy(saved, UNCERTAINTY + name, part.uncertainty);
      copy(saved, name, part.parameter.value());
    }
    copy(saved, KEPT + path, kept);
  }

  private static void copy(Map<String, Tensor> saved, String name, Tensor target) {
    Tensor value = saved.get(name);
    if (value != null) {
      target.copyFrom(value);
    }
  }
}
