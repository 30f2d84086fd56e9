package dev.jlora.model.runtime;

import dev.jlora.model.Parameter;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A built linear that can say what it would compute: {@code x W^T + b}. */
public interface Projecting extends Module {

  /** Its product with {@code x}, not computed; null where it is more than a frozen product. */
  @Nullable Projection projection(Tensor x, ForwardContext pass);

  /** The product with these parameters, in the weight's precision; null if they are trained. */
  static @Nullable Projection of(
      Parameter weight, @Nullable Parameter bias, Tensor x, ForwardContext pass) {
    Tensor w = weight.value();
    boolean frozen = !pass.tape().tracks(w) && (bias == null || !pass.tape().tracks(bias.value()));
    if (!frozen) {
      return null;
    }
    DType dtype = w.dtype();
    Tensor b = bias == null ? null : Precision.cast(pass, bias.value(), dtype);
    return pass.projection(Precision.cast(pass, x, dtype), w, b);
  }
}
