package dev.jlora.peft;

import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.spec.PythonRegex;
import java.util.List;
import java.util.Map;

/** Rank and alpha of each target: the spec's, or those of {@code rank_pattern} and the like. */
public final class Ranks {
  private final int rank;
  private final double alpha;
  private final PatternValues<Integer> ranks;
  private final PatternValues<Double> alphas;

  /**
   * @param rank of targets without a pattern
   * @param alpha of targets without a pattern
   */
  public Ranks(
      int rank, double alpha, Map<String, Integer> rankPattern, Map<String, Double> alphaPattern) {
    var budget = new PythonRegex.Budget();
    this.rank = rank;
    this.alpha = alpha;
    this.ranks = new PatternValues<>("rank_pattern", rankPattern, budget);
    this.alphas = new PatternValues<>("alpha_pattern", alphaPattern, budget);
  }

  /** For {@link AdapterTargets#patterns}. */
  public List<PatternValues<?>> patterns() {
    return List.of(ranks, alphas);
  }

  /**
   * The rank of a module.
   *
   * @param names all names of the module
   * @throws ModelException if matrices of this rank would be too large
   */
  public int rank(TargetModule module, List<String> names) {
    int own = ranks.of(names, rank);
    long widest = Math.max(module.fanIn(), module.out());
    if (widest > Integer.MAX_VALUE / own) {
      throw new ModelException(
          "rank: got %,d, which makes matrices of %s too large; expected at most %,d there"
              .formatted(own, module.path(), Integer.MAX_VALUE / widest));
    }
    return own;
  }

  /** The alpha of a module with these names. */
  public double alpha(List<String> names) {
    return alphas.of(names, alpha);
  }
}
