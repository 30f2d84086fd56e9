package dev.jlora.model;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A weight that is one tensor of the network's precision. */
record DenseWeight(Tensor dense) implements FrozenWeight {
  @Override
  public DType dtype() {
    return dense.dtype();
  }

  @Override
  public long bytes() {
    return dense.elements() * dense.dtype().bytes();
  }

  @Override
  public Tensor linear(Tape tape, Tensor x, @Nullable Tensor bias, boolean transposed) {
    return Functions.linear(tape, x, dense, bias, transposed);
  }

  /** In one function, which begins the update's product while x is in the cache. */
  @Override
  public Tensor linear(
      Tape tape,
      Tensor x,
      @Nullable Tensor bias,
      boolean transposed,
      LowRankUpdate update,
      @Nullable RandomStream random) {
    return Functions.loraLinear(
        tape,
        x,
        dense,
        bias,
        update.a(),
        update.b(),
        update.scale(),
        update.dropout(),
        random,
        transposed);
  }
}
