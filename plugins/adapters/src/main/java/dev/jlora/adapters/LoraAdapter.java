package dev.jlora.adapters;

import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.ops.Ops;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.Scope;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** LoRA for a network: pairs for its targets, and copies of the modules and biases it trains. */
final class LoraAdapter implements Adapter {
  private final LoraPlan plan;
  private final AdapterContext context;
  private final Scope scope = Scope.detached();
  private final Map<String, AdapterLayer> layers = new LinkedHashMap<>();
  private final Map<String, Parameter> overrides = new LinkedHashMap<>();
  private final AdapterTensors tensors;

  /** Fresh pairs, and private float32 copies of what is trained in full. */
  LoraAdapter(Network network, LoraPlan plan, AdapterContext context) {
    this.plan = plan;
    this.context = context;
    LoraMatrices start = new LoraMatrices(plan.spec().initLoraWeights(), context.seed());
    Map<String, LoraTarget> targets = new HashMap<>();
    plan.targets().forEach(target -> targets.put(target.path(), target));
    for (String path : network.adaptables().keySet()) {
      if (targets.containsKey(path)) {
        layers.put(path, layer(targets.get(path), start, network));
      }
    }
    override(network);
    this.tensors = new AdapterTensors(network, plan, layers, overrides, scope);
  }

  private LoraLayer layer(LoraTarget target, LoraMatrices start, Network network) {
    try (var _ = Scope.open()) {
      return new LoraLayer(
          target,
          plan.spec().dropout(),
          Ops.to(start.a(target), network.device()),
          Ops.to(start.b(target), network.device()),
          scope);
    }
  }

  /** In the order of the network, tied weights with values of their own at the end. */
  private void override(Network network) {
    Set<String> trained = new HashSet<>(plan.saved().parameters());
    trained.addAll(plan.biases());
    for (Parameter base : network.parameters()) {
      if (trained.contains(base.name())) {
        overrides.put(base.name(), base.trainableCopy(base.name(), scope));
      }
    }
    Map<String, String> tied = network.architecture().tied();
    for (String name : plan.saved().untied()) {
      if (trained.contains(name)) {
        overrides.put(name, network.parameter(tied.get(name)).trainableCopy(name, scope));
      }
    }
    plan.saved()
        .stored()
        .forEach(
            (name, of) -> {
              if (!name.equals(of) && overrides.containsKey(of)) {
                overrides.putIfAbsent(name, overrides.get(of));
              }
            });
  }

  @Override
  public Map<String, AdapterLayer> layers() {
    return Collections.unmodifiableMap(layers);
  }

  @Override
  public Map<String, Parameter> overrides() {
    return Collections.unmodifiableMap(overrides);
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
  public void close() {
    if (!scope.closed()) {
      scope.close();
    }
  }
}
