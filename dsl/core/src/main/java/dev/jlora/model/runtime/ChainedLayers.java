package dev.jlora.model.runtime;

import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Several adapters at one module. Each adapts the output of the previous one, as in PEFT. */
record ChainedLayers(List<AdapterLayer> layers) implements AdapterLayer {
  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    Base below = base;
    for (AdapterLayer layer : layers.subList(0, layers.size() - 1)) {
      below = new Adapted(below, layer, context);
    }
    return layers.getLast().forward(below, x, context);
  }

  @Override
  public Tensor merged(Tensor weight) {
    Tensor merged = weight;
    for (AdapterLayer layer : layers) {
      merged = layer.merged(merged);
    }
    return merged;
  }

  @Override
  public Tensor mergedBias(Tensor bias) {
    Tensor merged = bias;
    for (AdapterLayer layer : layers) {
      merged = layer.mergedBias(merged);
    }
    return merged;
  }

  @Override
  public Optional<String> mergeProblem(TargetModule module) {
    return layers.stream().flatMap(layer -> layer.mergeProblem(module).stream()).findFirst();
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    layers.forEach(layer -> all.addAll(layer.parameters()));
    return all;
  }

  /** An adapted module as the base of the next adapter. Its product includes the bias. */
  private static final class Adapted implements Base {
    private final Base below;
    private final AdapterLayer layer;
    private final ForwardContext context;
    private @Nullable Tensor input;
    private @Nullable Tensor output;

    Adapted(Base below, AdapterLayer layer, ForwardContext context) {
      this.below = below;
      this.layer = layer;
      this.context = context;
    }

    @Override
    public TargetModule target() {
      return below.target();
    }

    @Override
    public Tensor product(Tensor x) {
      return output(x);
    }

    @Override
    public Tensor product(Tensor x, LowRankUpdate update) {
      return output(x, update);
    }

    @Override
    public Tensor output(Tensor x) {
      if (input != x) {
        output = layer.forward(below, x, context);
        input = x;
      }
      return output;
    }

    @Override
    public Tensor output(Tensor x, LowRankUpdate update) {
      return add(output(x), x, update);
    }

    @Override
    public Tensor add(Tensor product, Tensor x, LowRankUpdate update) {
      return below.add(product, x, update);
    }

    @Override
    public Tensor output(Tensor x, Tensor delta) {
      return add(output(x), x, delta);
    }

    @Override
    public Tensor add(Tensor product, Tensor x, Tensor delta) {
      return below.add(product, x, delta);
    }

    @Override
    public Tensor dense() {
      return layer.merged(below.dense());
    }

    @Override
    public @Nullable Tensor bias() {
      return null;
    }
  }
}
