package dev.jlora.adapters;

import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adaptable;
import dev.jlora.ops.Ops;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.Adaptation;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;

/** LoRA on a network: the pairs on its targets, the modules and biases trained beside them. */
final class LoraAdaptation implements Adaptation {
  private final Network network;
  private final LoraPlan plan;
  private final AdapterContext context;
  private final AdapterTensors tensors;

  /**
   * Freezes the network, gives every target its pair, and what is trained in full its private
   * float32 copies.
   *
   * @throws ModelException if the network carries an adapter already
   */
  LoraAdaptation(Network network, LoraPlan plan, AdapterContext context) {
    if (network.adaptables().values().stream().anyMatch(module -> module.adapter() != null)) {
      throw new ModelException(
          "this network has an adapter already; load the model again for another one");
    }
    this.network = network;
    this.plan = plan;
    this.context = context;
    network.parameters().forEach(parameter -> parameter.trainable(false));
    LoraMatrices start = new LoraMatrices(plan.spec().initLoraWeights(), context.seed());
    plan.targets().forEach(target -> attach(target, start));
    plan.saved().untied().forEach(network::untie);
    plan.saved().parameters().forEach(name -> network.parameter(name).trainable(true));
    plan.biases().forEach(name -> network.parameter(name).trainable(true));
    this.tensors = new AdapterTensors(network, plan);
  }

  private void attach(LoraTarget target, LoraMatrices start) {
    try (var _ = Scope.open()) {
      Tensor a = Ops.to(start.a(target), network.device());
      Tensor b = Ops.to(start.b(target), network.device());
      Adaptable module = network.adaptables().get(target.path());
      module.adapt(new LoraLayer(target, plan.spec().dropout(), a, b, network.scope()));
    }
  }

  /** The network it is attached to. */
  Network network() {
    return network;
  }

  @Override
  public LoraSpec spec() {
    return plan.spec();
  }

  @Override
  public AdapterPlan plan() {
    return plan.summary();
  }

  @Override
  public List<Parameter> parameters() {
    return network.trainable();
  }

  @Override
  public void save(Path folder) {
    tensors.write(folder);
    new PeftConfig(new WrittenSpec(plan).spec(), context.taskType(), context.baseModel())
        .write(folder);
  }

  @Override
  public void restore(Path folder) {
    tensors.read(folder);
  }

  @Override
  public void merge() {
    adapted().forEach(module -> module.adapter().merge(module));
  }

  @Override
  public void unmerge() {
    adapted().forEach(module -> module.adapter().unmerge(module));
  }

  @Override
  public boolean merged() {
    return adapted().stream().allMatch(module -> ((LoraLayer) module.adapter()).merged());
  }

  private List<Adaptable> adapted() {
    return plan.targets().stream().map(t -> network.adaptables().get(t.path())).toList();
  }
}
