package dev.jlora.peft.algebra;

import dev.jlora.model.ModelException;
import dev.jlora.spec.CombinationSpec;
import dev.jlora.spec.CombinationType;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Combines the updates of several adapters of one module, as PEFT's {@code add_weighted_adapter}
 * does. Computed in FLOAT64.
 */
public final class Combination {
  private final CombinationSpec spec;

  public Combination(CombinationSpec spec) {
    this.spec = spec;
  }

  /**
   * One adapter's update of the module: weight · scaling · up · down.
   *
   * @param factors without the scaling
   */
  public record Term(LowRank factors, double scaling, double weight) {
    double factor() {
      return weight * scaling;
    }
  }

  /**
   * The combined update of a module.
   *
   * @param error Frobenius norm of its distance from the weighted sum of the updates, as a share of
   *     the sum's norm; 0 if both are zero
   */
  public record Result(LowRank update, double error) {}

  /**
   * Combines the updates of a module.
   *
   * @param module its path, for messages and for DARE's random numbers
   * @param terms at least one
   * @param rank of the {@code svd} types, unless the module is smaller
   * @throws ModelException if the type requires equal ranks, and they differ
   */
  public Result of(String module, List<Term> terms, int rank) {
    LowRank exact = exact(terms);
    LowRank update = update(module, terms, exact, rank);
    double norm = exact.norm();
    double distance = update == exact ? 0 : update.minus(exact).norm();
    return new Result(update, norm == 0 ? (distance == 0 ? 0 : 1) : distance / norm);
  }

  private static LowRank exact(List<Term> terms) {
    return LowRank.sum(terms.stream().map(term -> term.factors().times(term.factor())).toList());
  }

  private LowRank update(String module, List<Term> terms, LowRank exact, int rank) {
    CombinationType type = spec.combinationType();
    if (type == CombinationType.CAT || type == CombinationType.LINEAR && terms.size() == 1) {
      return exact;
    }
    TaskVectors vectors = new TaskVectors(spec, random(module));
    return type.decomposes() ? decomposed(terms, vectors, rank) : factors(module, terms, vectors);
  }

  private SplittableRandom random(String module) {
    long mixed = spec.seed();
    for (int i = 0; i < module.length(); i++) {
      mixed = mixed * 0x9E3779B97F4A7C15L + module.charAt(i) + 1;
    }
    return new SplittableRandom(mixed);
  }

  /**
   * Combines the A, and the B: each has the root of the weight's size, and A has its sign. The
   * product has cross terms, B of one adapter times A of another.
   */
  private LowRank factors(String module, List<Term> terms, TaskVectors vectors) {
    int rank = terms.getFirst().factors().rank();
    for (Term term : terms) {
      if (term.factors().rank() != rank) {
        throw new ModelException(
            "%s combines adapters of one rank, and %s has the ranks %d and %d; use cat or svd"
                .formatted(spec.combinationType().text(), module, rank, term.factors().rank()));
      }
    }
    double[] roots = terms.stream().mapToDouble(it -> Math.sqrt(Math.abs(it.factor()))).toArray();
    double[] signed = roots.clone();
    for (int i = 0; i < signed.length; i++) {
      signed[i] *= terms.get(i).factor() < 0 ? -1 : 1;
    }
    Tensor down = combined(terms, vectors, it -> it.factors().down(), signed);
    Tensor up = combined(terms, vectors, it -> it.factors().up(), roots);
    return new LowRank(up, down);
  }

  private static Tensor combined(
      List<Term> terms, TaskVectors vectors, Function<Term, Tensor> part, double[] weights) {
    List<double[]> values = terms.stream().map(it -> part.apply(it).toDoubles()).toList();
    return Tensor.of(vectors.combined(values, weights), part.apply(terms.getFirst()).shape());
  }

  /** The best approximation of the combined updates by a rank. */
  private LowRank decomposed(List<Term> terms, TaskVectors vectors, int rank) {
    LowRank.Decomposition decomposition;
    if (spec.combinationType() == CombinationType.SVD) {
      List<LowRank> weighted =
          terms.stream().map(it -> scaled(it).times(weightOfUpdate(it))).toList();
      decomposition = LowRank.sum(weighted).decompose();
    } else {
      double[] weights = terms.stream().mapToDouble(this::weightOfUpdate).toArray();
      Tensor dense = combined(terms, vectors, it -> scaled(it).dense(), weights);
      decomposition = LowRank.Decomposition.of(dense);
    }
    LowRank best = decomposition.rank(rank);
    return spec.svdClamp() == null ? best : clamped(best, spec.svdClamp());
  }

  private static LowRank scaled(Term term) {
    return term.factors().times(term.scaling());
  }

  /** PEFT's weight has the scaling, which the update has, too. */
  private double weightOfUpdate(Term term) {
    return spec.peftScaling() ? term.factor() : term.weight();
  }

  /** Clamps the values of both factors to a quantile of all of them. */
  private static LowRank clamped(LowRank update, double share) {
    double[] up = update.up().toDoubles();
    double[] down = update.down().toDoubles();
    double[] all = Arrays.copyOf(up, up.length + down.length);
    System.arraycopy(down, 0, all, up.length, down.length);
    double most = quantile(all, share);
    return new LowRank(
        Tensor.of(clamped(up, most), update.up().shape()),
        Tensor.of(clamped(down, most), update.down().shape()));
  }

  private static double[] clamped(double[] values, double most) {
    return Arrays.stream(values).map(it -> Math.min(Math.max(it, -most), most)).toArray();
  }

  /** With linear interpolation, as {@code torch.quantile}. */
  private static double quantile(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double place = share * (sorted.length - 1);
    int below = (int) Math.floor(place);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
