package dev.jlora.peft;

import dev.jlora.io.TensorFile;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * Weights of the base model that PEFT stored with an adapter, as it does for embeddings and output
 * layers that are targets or were resized. Loading replaces the base's weights by them, as in PEFT;
 * if they are equal, as is usual, nothing happens.
 */
final class BaseWeights {
  private final Network network;
  private final TargetedPlan<?> plan;
  private final Map<String, Parameter> overrides;
  private final Scope scope;

  /**
   * @param overrides the adapter's parameters in place of the base's
   * @param scope owns the overrides it adds
   */
  BaseWeights(
      Network network, TargetedPlan<?> plan, Map<String, Parameter> overrides, Scope scope) {
    this.network = network;
    this.plan = plan;
    this.overrides = overrides;
    this.scope = scope;
  }

  /**
   * Reads the weights that differ from the base's.
   *
   * @param keys of base weights in the file, with their parameter names
   * @return the weights that differ, which now belong to the adapter
   */
  List<AdapterTensors.Stored> read(TensorFile file, Map<String, String> keys) {
    List<AdapterTensors.Stored> replaced = new ArrayList<>();
    keys.forEach(
        (key, name) -> {
          Parameter base = base(name);
          Parameter known = overrides.get(name);
          try (var _ = Scope.open()) {
            Tensor value = file.tensor(key);
            if (!same(value, (known == null ? base : known).value())) {
              Parameter own = known == null ? base.frozenCopy(name, scope) : known;
              own.value().copyFrom(value);
              put(name, base, own);
              replaced.add(AdapterTensors.Stored.of(name, own));
            }
          }
        });
    if (!replaced.isEmpty()) {
      LoggerFactory.getLogger(BaseWeights.class)
          .warn(
              "{}: holds other values for weights of the base model, which are used as in PEFT: {}",
              file.path(),
              String.join(", ", replaced.stream().map(AdapterTensors.Stored::name).toList()));
    }
    return replaced;
  }

  /** A tied weight starts from its source. */
  private Parameter base(String name) {
    boolean own = plan.model().parameters().containsKey(name);
    return network.parameter(own ? name : plan.model().architecture().tied().get(name));
  }

  /**
   * Registers the weight under all its names, including tied ones unless the adapter unties them.
   */
  private void put(String name, Parameter base, Parameter own) {
    overrides.put(name, own);
    if (!plan.saved().untied().contains(name)) {
      overrides.put(base.name(), own);
      plan.model()
          .architecture()
          .tied()
          .forEach(
              (tied, source) -> {
                if (source.equals(base.name()) && !plan.saved().untied().contains(tied)) {
                  overrides.put(tied, own);
                }
              });
    }
  }

  private static boolean same(Tensor stored, Tensor held) {
    Tensor cast = stored.dtype() == held.dtype() ? stored : Ops.to(stored, held.dtype());
    Tensor host = held.device().host() ? held : Ops.to(held, cast.device());
    if (cast.contiguous() && host.contiguous()) {
      return cast.memory().mismatch(host.memory()) < 0;
    }
    return Arrays.equals(cast.toFloats(), host.toFloats());
  }
}
