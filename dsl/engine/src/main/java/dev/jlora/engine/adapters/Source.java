package dev.jlora.engine.adapters;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.model.ModelException;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.LowRankPair;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An adapter that takes part in a combination.
 *
 * @param config its adapter_config.json
 */
record Source(AdapterCombiner.Weighted part, ObjectNode config, AdapterPlan plan, Adapter adapter) {

  /**
   * Reads an adapter; the caller closes it.
   *
   * @throws ModelException if it cannot be combined
   */
  static Source read(Plugins plugins, Network network, AdapterCombiner.Weighted part) {
    if (!Double.isFinite(part.weight())) {
      throw new ModelException(
          "%s: got the weight %s, expected a finite number"
              .formatted(part.folder(), part.weight()));
    }
    Path file = AdapterLoader.config(part.folder());
    AdapterMethod<?> method = AdapterLoader.method(plugins, file);
    AdapterPlan plan = method.saved(network.plan(), part.folder());
    Optional<String> problem = method.combinationProblemOf(plan.spec());
    if (problem.isPresent() || !(plan.spec() instanceof TargetedSpec)) {
      throw new ModelException(
          "%s: cannot be combined: %s"
              .formatted(part.folder(), problem.orElse("its method has no target modules")));
    }
    return new Source(
        part, Json.readObject(file), plan, AdapterLoader.read(plan, part.folder(), network));
  }

  TargetedSpec spec() {
    return (TargetedSpec) plan.spec();
  }

  /** The factors of a layer's update. */
  LowRankPair pair(String path, AdapterLayer layer) {
    if (layer.pairs().size() != 1) {
      throw new ModelException(
          "%s: cannot be combined: its update of %s is no product of two factors"
              .formatted(part.folder(), path));
    }
    return layer.pairs().getFirst();
  }

  int largestRank() {
    return adapter.pairs().stream()
        .mapToInt(pair -> (int) pair.down().value().size(0))
        .max()
        .orElse(0);
  }
}
