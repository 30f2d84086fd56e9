package dev.jlora.model.runtime;

import dev.jlora.model.Parameter;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A built linear whose result can be expressed as a product: {@code x W^T + b}. */
public interface Projecting extends Module {

  /** Its product with {@code x}, not computed; null if it is not just a frozen product. */
  @Nullable Projection projection(Tensor x, ForwardContext pass);

  /**
   * The product with these parameters, in the weight's precision; null if they are trained.
   *
   * @param weight the one in use
   * @param bias the base's, or null
   */
  static @Nullable Projection of(
      Parameter weight, @Nullable Parameter bias, Tensor x, ForwardContext pass) {
    Tensor w = weight.value();
    Tensor base = bias == null ? null : pass.value(bias);
    if (pass.tape().tracks(w) || pass.tape().tracks(base)) {
      return null;
    }
    DType dtype = w.dtype();
    Tensor b = base == null ? null : Precision.cast(pass, base, dtype);
    return pass.projection(Precision.cast(pass, x, dtype), w, b);
  }
}
