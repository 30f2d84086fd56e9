package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Precision;
import dev.jlora.model.runtime.Projecting;
import dev.jlora.model.runtime.Projection;
import dev.jlora.model.runtime.TiedWeight;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A linear whose weight belongs to another layer, from [..., in] to [..., out]: the decoder of a
 * language model on its word embeddings.
 *
 * @param weight the full name of the shared parameter, [out, in]
 * @param bias whether it has its own bias, at its path
 */
public record TiedLinear(String weight, long in, long out, boolean bias) implements Layer {
  @Override
  public List<ParameterSpec> parameters() {
    return bias ? List.of(ParameterSpec.bias(out)) : List.of();
  }

  @Override
  public boolean tokenwise() {
    return true;
  }

  @Override
  public Module build(Assembly assembly) {
    TiedWeight tied = assembly.tied(weight);
    Parameter own = bias ? assembly.parameter("bias") : null;
    return new Projecting() {
      @Override
      public Tensor forward(Tensor x, ForwardContext pass) {
        Tensor w = pass.used(tied).value();
        Tensor b = own == null ? null : Precision.cast(pass, pass.value(own), w.dtype());
        return Functions.linear(pass.tape(), Precision.cast(pass, x, w.dtype()), w, b);
      }

      @Override
      public @Nullable Projection projection(Tensor x, ForwardContext pass) {
        return Projecting.of(pass.used(tied), own, x, pass);
      }
    };
  }
}
