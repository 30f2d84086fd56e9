package dev.jlora.peft;

import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.TrainingHook;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An adapter for a network: layers on its targets, and copies of the modules and biases it trains.
 */
final class TargetedAdapter implements Adapter {
  private final TargetedPlan<?> plan;
  private final Scope scope = Scope.detached();
  private final Map<String, AdapterLayer> layers = new LinkedHashMap<>();
  private final Map<String, Parameter> shared = new LinkedHashMap<>();
  private final Map<String, Parameter> overrides = new LinkedHashMap<>();
  private final Map<String, OwnParameters> own = new LinkedHashMap<>();
  private final Network network;
  private final AdapterState state;
  private final AdapterTensors tensors;

  /** Creates the adapter's parameters, and float32 copies of what is trained in full. */
  TargetedAdapter(Network network, TargetedPlan<?> plan) {
    this.plan = plan;
    this.network = network;
    try {
      plan.shared().forEach(it -> shared.put(it.name(), create(it.name(), it, network)));
      Map<String, AdapterTarget> targets = new HashMap<>();
      plan.everywhere().forEach(target -> targets.put(target.path(), target));
      for (String path : network.adaptables().keySet()) {
        if (targets.containsKey(path)) {
          AdapterTarget target = targets.get(path);
          own.put(path, parameters(target, network));
          layers.put(path, layer(target, own.get(path)));
        }
      }
      targets.forEach(
          (path, target) -> target.tied().forEach(tied -> layers.put(tied, layers.get(path))));
      overrides.putAll(TrainedCopies.of(network, plan.saved(), plan.biases(), scope));
      replaceWeights();
      this.state = plan.state(own);
      this.tensors = new AdapterTensors(network, plan, own, state, shared, overrides, scope);
    } catch (RuntimeException | Error failure) {
      scope.close();
      throw failure;
    }
  }

  private Parameter create(String name, OwnParameter parameter, Network network) {
    return parameter.create(name, plan.context().seed(), network.device(), scope);
  }

  private OwnParameters parameters(AdapterTarget target, Network network) {
    Map<String, Parameter> own = new LinkedHashMap<>();
    for (OwnParameter parameter : target.parameters()) {
      String name = target.path() + "." + parameter.name();
      own.put(parameter.name(), create(name, parameter, network));
    }
    OwnParameters parameters =
        new OwnParameters(own, shared, target.path(), plan.context().seed(), scope);
    if (network.device().kind() != Device.Kind.META) { // where there are no values
      try (var _ = Scope.open()) {
        target.start(parameters, network.adaptables().get(target.path()).weight().frozen());
      }
    }
    return parameters;
  }

  private AdapterLayer layer(AdapterTarget target, OwnParameters parameters) {
    AdapterLayer layer = target.layer(parameters);
    if (!layer.parameters().equals(parameters.all())) {
      throw new IllegalStateException(
          "%s: a target declares the parameters %s, and its layer has %s"
              .formatted(plan.method().name(), parameters.all(), layer.parameters()));
    }
    return layer;
  }

  /** Puts the weights that targets have in place of the base's. */
  private void replaceWeights() {
    for (AdapterTarget target : plan.everywhere()) {
      Parameter base = network.adaptables().get(target.path()).weight();
      try (var _ = Scope.open()) {
        Tensor value = target.residual(own.get(target.path()), base.frozen());
        if (value != null) {
          Parameter known = overrides.get(base.name());
          if (known == null) {
            Parameter replacing = Parameter.fresh(base.name(), base.kind(), value, scope);
            replacing.trainable(false);
            overrides.put(base.name(), replacing);
          } else {
            known.value().copyFrom(value);
          }
        }
      }
    }
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
  public @Nullable TrainingHook training() {
    return state.training();
  }

  @Override
  public void save(Path folder) {
    tensors.write(folder);
    state.config(plan.written()).write(folder);
  }

  @Override
  public void restore(Path folder) {
    tensors.read(folder);
    replaceWeights();
  }

  @Override
  public void close() {
    if (!scope.closed()) {
      state.close();
      scope.close();
    }
  }
}
