package dev.jlora.adapters.init;

import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.spec.EvaSpec;
import dev.jlora.spi.DataPasses;
import dev.jlora.tensor.Tensor;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.slf4j.LoggerFactory;

/**
 * EVA (arXiv:2410.07170): the rows of A are the principal components of a module's inputs over
 * batches of training data, and modules whose components explain more get higher ranks. B is zero.
 *
 * <p>Modules with the same input share one decomposition.
 */
public final class Eva {
  /** The number of batches after which modules that have not converged are taken as they are. */
  private static final int MAX_BATCHES = 256;

  private final EvaSpec settings;
  private final Map<String, Integer> ranks;
  private final Map<String, TargetModule> modules = new LinkedHashMap<>();
  private final Map<String, String> leaders = new LinkedHashMap<>();
  private final Map<String, IncrementalPca> decompositions = new LinkedHashMap<>();
  private final Map<Tensor, String> seen = new IdentityHashMap<>();
  private final SplittableRandom random;
  private Map<String, Integer> assigned;
  private int batches;

  /**
   * The initialization of one module.
   *
   * @param rank the rank that it gets; 0 for no adapter
   * @param a [rank, in] row by row
   */
  public record Start(int rank, float[] a) {}

  private Eva(EvaSpec settings, List<TargetModule> modules, Map<String, Integer> ranks, long seed) {
    this.settings = settings;
    this.ranks = ranks;
    this.assigned = ranks;
    this.random = new SplittableRandom(seed);
    modules.forEach(module -> this.modules.put(module.path(), module));
  }

  /**
   * Decomposes the inputs of modules.
   *
   * @param modules linear layers
   * @param ranks the rank of each, by its path, whose sum is kept
   * @return the initialization of each module, by its path
   */
  public static Map<String, Start> of(
      DataPasses passes,
      EvaSpec settings,
      List<TargetModule> modules,
      Map<String, Integer> ranks,
      long seed) {
    return new Eva(settings, modules, ranks, seed).run(passes);
  }

  private Map<String, Start> run(DataPasses passes) {
    try (Observer observer = Observer.ofInputs(modules.keySet(), this::input)) {
      passes.forward(observer, this::goOn);
    }
    Set<String> open = new LinkedHashSet<>();
    Map<String, Start> starts = new LinkedHashMap<>();
    assigned.forEach(
        (path, rank) -> {
          IncrementalPca inputs = decompositions.get(leaders.get(path));
          if (!inputs.converged(rank, settings.tau())) {
            open.add(path);
          }
          starts.put(path, new Start(rank, components(inputs, rank)));
        });
    if (!open.isEmpty()) {
      LoggerFactory.getLogger(Eva.class)
          .warn(
              "EVA: {} of {} modules have not converged after {} batches (tau {}), the first is {}",
              open.size(),
              modules.size(),
              batches,
              settings.tau(),
              open.iterator().next());
    }
    return starts;
  }

  private float[] components(IncrementalPca inputs, int rank) {
    float[] a = inputs.components(rank);
    if (settings.whiten()) {
      float[] singular = inputs.singularValues();
      int width = a.length / Math.max(rank, 1);
      for (int i = 0; i < a.length; i++) {
        a[i] /= (float) Math.sqrt(singular[i / width]);
      }
    }
    return a;
  }

  private void input(String path, Tensor x, ForwardContext pass) {
    String leader = leaders.computeIfAbsent(path, _ -> seen.computeIfAbsent(x, _ -> path));
    if (!leader.equals(path)) {
      return;
    }
    IncrementalPca inputs = decompositions.computeIfAbsent(path, _ -> decomposition(path));
    if (!inputs.converged(assigned.get(path), settings.tau())) {
      Long ignored = settings.useLabelMask() ? (long) settings.labelMaskValue() : null;
      inputs.add(ObservedInputs.rows(x, pass, ignored));
    }
  }

  private IncrementalPca decomposition(String path) {
    int width = Math.toIntExact(modules.get(path).in());
    int most = ranks.values().stream().mapToInt(this::most).max().orElseThrow();
    return new IncrementalPca(Math.min(most, width), width, random.split());
  }

  /** The highest rank of a module. */
  private int most(int rank) {
    return (int) Math.round(rank * settings.rho());
  }

  private boolean goOn() {
    seen.clear(); // other batches have other tensors, which may be the same objects
    if (batches > 0 && decompositions.values().stream().allMatch(IncrementalPca::started)) {
      assigned = distribution();
      if (converged()) {
        return false;
      }
    }
    return batches++ < MAX_BATCHES;
  }

  private boolean converged() {
    return assigned.entrySet().stream()
        .allMatch(
            it ->
                decompositions
                    .get(leaders.get(it.getKey()))
                    .converged(it.getValue(), settings.tau()));
  }

  private Map<String, Integer> distribution() {
    Map<String, double[]> explained = new LinkedHashMap<>();
    for (String path : modules.keySet()) {
      IncrementalPca inputs = decompositions.get(leaders.get(path));
      int width = Math.toIntExact(modules.get(path).in());
      double[] shares = new double[Math.min(most(ranks.get(path)), width)];
      for (int i = 0; i < shares.length; i++) {
        shares[i] = inputs.explained(i);
      }
      explained.put(path, shares);
    }
    return EvaRanks.of(explained, ranks.values().stream().mapToInt(Integer::intValue).sum());
  }
}
