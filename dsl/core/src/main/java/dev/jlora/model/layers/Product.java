package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Precision;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * The elementwise product of the results of its parts for the same input: a gated linear unit is
 * the product of an activated linear and a plain one (arXiv:2002.05202).
 */
public record Product(List<Layer> parts) implements Layer {
  public Product {
    parts = List.copyOf(parts);
  }

  @Override
  public boolean tokenwise() {
    return parts.stream().allMatch(Layer::tokenwise);
  }

  @Override
  public boolean supportsUnpadded() {
    return parts.stream().allMatch(Layer::supportsUnpadded);
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    List<Module> factors = parts.stream().map(assembly::build).toList();
    return (input, pass) -> {
      Tensor product = factors.getFirst().forward(input, pass);
      for (Module factor : factors.subList(1, factors.size())) {
        Tensor next = Precision.cast(pass, factor.forward(input, pass), product.dtype());
        product = Functions.mul(pass.tape(), product, next);
      }
      return product;
    };
  }
}
