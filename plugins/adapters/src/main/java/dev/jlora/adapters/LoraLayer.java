package dev.jlora.adapters;

import dev.jlora.autograd.Functions;
import dev.jlora.model.Adaptable;
import dev.jlora.model.AdapterLayer;
import dev.jlora.model.Parameter;
import dev.jlora.model.Pass;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * y = W x + b + scaling * B A dropout(x), for x of [..., in]: A [rank, in] and B [out, rank] are
 * float32, whatever the precision of the base.
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
  public Tensor forward(Adaptable base, Tensor input, Pass pass) {
    if (merged) {
      return base.plain(input, pass);
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

  private static Tensor cast(Tensor tensor, DType dtype, Pass pass) {
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
      Tensor sum = Ops.addmm(in32(oriented(weight)), b.value(), a.value(), 1, target.scaling());
      base.weight().replace(Ops.contiguous(Ops.to(oriented(sum), weight.dtype())));
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

  /** Between the stored layout and [out, in]; its own inverse. */
  private Tensor oriented(Tensor weight) {
    return target.module().transposed() ? Ops.t(weight) : weight;
  }

  private static Tensor in32(Tensor weight) {
    return weight.dtype() == DType.FLOAT32 ? weight : Ops.to(weight, DType.FLOAT32);
  }
}
