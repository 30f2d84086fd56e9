package dev.jlora.peft;

import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.tensor.Scope;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An adapter for a network: layers on its targets, and copies of the modules and biases it trains.
 */
final class TargetedAdapter implements Adapter {
  private final TargetedPlan<?> plan;
  private final Scope scope = Scope.detached();
  private final Map<String, AdapterLayer> layers = new LinkedHashMap<>();
  private final Map<String, Parameter> shared = new LinkedHashMap<>();
  private final Map<String, Parameter> overrides = new LinkedHashMap<>();
  private final AdapterTensors tensors;

  /** Creates the adapter's parameters, and float32 copies of what is trained in full. */
  TargetedAdapter(Network network, TargetedPlan<?> plan) {
    this.plan = plan;
    try {
      plan.shared().forEach(it -> shared.put(it.name(), create(it.name(), it, network)));
      Map<String, AdapterTarget> targets = new HashMap<>();
      plan.targets().forEach(target -> targets.put(target.path(), target));
      for (String path : network.adaptables().keySet()) {
        if (targets.containsKey(path)) {
          layers.put(path, layer(targets.get(path), network));
        }
      }
      overrides.putAll(TrainedCopies.of(network, plan.saved(), plan.biases(), scope));
      this.tensors = new AdapterTensors(network, plan, layers, shared, overrides, scope);
    } catch (RuntimeException | Error failure) {
      scope.close();
      throw failure;
    }
  }

  private Parameter create(String name, OwnParameter parameter, Network network) {
    return parameter.create(name, plan.context().seed(), network.device(), scope);
  }

  private AdapterLayer layer(AdapterTarget target, Network network) {
    Map<String, Parameter> own = new LinkedHashMap<>();
    for (OwnParameter parameter : target.parameters()) {
      String name = target.path() + "." + parameter.name();
      own.put(parameter.name(), create(name, parameter, network));
    }
    OwnParameters parameters = new OwnParameters(own, shared);
    try (var _ = Scope.open()) {
      target.start(parameters, network.adaptables().get(target.path()).weight().frozen());
    }
    AdapterLayer layer = target.layer(parameters);
    if (!layer.parameters().equals(parameters.all())) {
      throw new IllegalStateException(
          "%s: a target declares the parameters %s, and its layer has %s"
              .formatted(plan.method().name(), parameters.all(), layer.parameters()));
    }
    return layer;
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
  public List<Parameter> shared() {
    return List.copyOf(shared.values());
  }

  @Override
  public void save(Path folder) {
    tensors.write(folder);
    plan.written().write(folder);
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
