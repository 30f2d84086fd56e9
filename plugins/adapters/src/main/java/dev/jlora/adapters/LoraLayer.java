package dev.jlora.adapters;

import dev.jlora.autograd.Functions;
import dev.jlora.backend.Backend;
import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.Adaptable;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.List;

/**
 * y = W x + b + scaling * B A dropout(x), for x of [..., in]: A [rank, in] and B [out, rank] are
 * float32, whatever the precision of the base. On a convolution A is one, too, and B one of 1 x 1.
 */
final class LoraLayer implements AdapterLayer {
  private final LoraTarget target;
  private final double dropout;
  private final Parameter a;
  private final Parameter b;
  private boolean merged;

  /** Takes A and B, whose memory {@code owner} owns from here on. */
  LoraLayer(LoraTarget target, double dropout, Tensor a, Tensor b, Scope owner) {
    this.target = target;
    this.dropout = dropout;
    this.a = Parameter.fresh(target.nameOfA(), a, owner);
    this.b = Parameter.fresh(target.nameOfB(), b, owner);
  }

  LoraTarget target() {
    return target;
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(a, b);
  }

  @Override
  public Tensor forward(Adaptable base, Tensor input, ForwardContext pass) {
    if (merged) {
      return base.plain(input, pass);
    }
    if (target.convolution()) {
      return convolved(base, input, pass);
    }
    Parameter bias = base.bias();
    DType dtype = base.weight().value().dtype();
    return Functions.loraLinear(
        pass.tape(),
        cast(input, dtype, pass),
        base.weight().value(),
        bias == null ? null : cast(bias.value(), dtype, pass),
        a.value(),
        b.value(),
        target.scaling(),
        pass.dropout(dropout),
        pass.random(),
        base.transposed());
  }

  private Tensor convolved(Adaptable base, Tensor input, ForwardContext pass) {
    Tensor plain = base.plain(input, pass);
    DType dtype = plain.dtype();
    Tensor x = cast(input, dtype, pass);
    double p = pass.dropout(dropout);
    Tensor kept = p > 0 ? Functions.dropout(pass.tape(), x, p, pass.random()) : x;
    long stride = target.module().stride();
    Tensor low = convolution(kept, cast(a.value(), dtype, pass), stride, pass);
    Tensor update = convolution(low, cast(b.value(), dtype, pass), 1, pass);
    return Functions.add(
        pass.tape(), plain, Functions.scale(pass.tape(), update, target.scaling()));
  }

  private static Tensor convolution(Tensor x, Tensor weight, long stride, ForwardContext pass) {
    long[] both = {stride, stride};
    return Functions.conv2d(pass.tape(), x, weight, null, both, new long[] {0, 0}, 1);
  }

  private static Tensor cast(Tensor tensor, DType dtype, ForwardContext pass) {
    return tensor.dtype() == dtype ? tensor : Functions.cast(pass.tape(), tensor, dtype);
  }

  /**
   * Puts W + scaling * B A in the weight's place. It is computed in float32 into memory of its own:
   * the loaded weight may lie over a mapped file and is never written.
   */
  @Override
  public void merge(Adaptable base) {
    if (merged) {
      return;
    }
    try (var _ = Scope.open()) {
      Tensor weight = base.weight().value();
      Tensor sum =
          Backend.of(weight.device())
              .lora()
              .merged(
                  flat(weight),
                  target.module().transposed(),
                  flat(a.value()),
                  flat(b.value()),
                  target.scaling());
      Tensor stored = Views.view(sum, weight.shape());
      base.weight().replace(Ops.contiguous(Ops.to(stored, weight.dtype())));
    }
    merged = true;
  }

  /** Gives the loaded weight back, bit for bit. */
  @Override
  public void unmerge(Adaptable base) {
    if (merged) {
      base.weight().restore();
      merged = false;
    }
  }

  boolean merged() {
    return merged;
  }

  private static Tensor flat(Tensor tensor) {
    return tensor.rank() == 2 ? tensor : Views.reshape(tensor, tensor.size(0), -1);
  }
}
