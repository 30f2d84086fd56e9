package dev.jlora.engine.training;

import dev.jlora.engine.jobs.JobPlan;
import dev.jlora.engine.jobs.ResolvedJob;
import dev.jlora.engine.runs.AdapterState;
import dev.jlora.engine.runs.ModelState;
import dev.jlora.engine.runs.TrainedState;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.LowRankPair;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.spi.DataPasses;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.OptimizerFactory;
import dev.jlora.spi.ParameterGroup;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A network prepared for training by a job: with the job's adapter, or with every weight trainable.
 *
 * @param network owned by the caller
 * @param state saves and restores the trained weights
 * @param trained the parameters that training updates, in a fixed order
 * @param pairs the low-rank updates of the adapter
 */
record TrainableNetwork(
    ResolvedJob work,
    Network network,
    TrainedState state,
    List<Parameter> trained,
    List<LowRankPair> pairs) {

  /** Attaches the planned adapter to a network of the plan's tree. */
  static TrainableNetwork of(JobPlan plan, Network network) {
    return of(plan.work(), network, plan.adapter());
  }

  /**
   * Attaches the planned adapter, initialized from training data if its method needs them.
   *
   * @param passes makes passes over the training data
   * @param checkpoint that will be restored; null for a new run
   */
  static TrainableNetwork of(
      JobPlan plan, Network network, Supplier<DataPasses> passes, @Nullable Path checkpoint) {
    AdapterPlan planned = plan.adapter();
    if (planned == null) {
      return of(plan, network);
    }
    boolean fresh = plan.work().job().model().adapter() == null;
    if (checkpoint != null) {
      planned = planned.resumed(checkpoint);
    } else if (fresh && planned.readsData()) {
      planned = planned.prepared(network, passes.get());
    }
    return of(plan.work(), network, planned);
  }

  private static TrainableNetwork of(
      ResolvedJob work, Network network, @Nullable AdapterPlan planned) {
    if (planned == null) {
      network.parameters().forEach(parameter -> parameter.trainable(true));
      return new TrainableNetwork(
          work,
          network,
          new ModelState(network, work.config(), work.folder()),
          network.trainable(),
          List.of());
    }
    Adapter adapter = network.adapt(planned.create(network));
    String start = work.job().model().adapter();
    if (start != null) {
      adapter.restore(Path.of(start));
    }
    List<LowRankPair> pairs = adapter.pairs();
    Set<Parameter> frozen = factory(work).frozen(pairs);
    frozen.forEach(parameter -> parameter.trainable(false));
    return new TrainableNetwork(
        work, network, new AdapterState(adapter), adapter.parameters(), pairs);
  }

  private static OptimizerFactory factory(ResolvedJob work) {
    return work.plugins().optimizers().get(work.job().optimizer().name());
  }

  /** The job's optimizer over the trained parameters, with initial state. The caller closes it. */
  Optimizer optimizer() {
    OptimizerSpec spec = work.job().optimizer();
    return factory(work).create(ParameterGroup.of(trained, pairs, spec), spec);
  }
}
