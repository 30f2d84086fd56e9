package dev.jlora.autograd;

import dev.jlora.backend.Backend;
import dev.jlora.backend.Masking;
import dev.jlora.kernels.DropMask;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Dropout, alone and fused with the following sum. The mask is recomputed in backward. */
final class Dropouts {
  private Dropouts() {}

  /** mask * x / P(keep). */
  record Dropout(DropMask mask) implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      return masking(inputs[0]).times(mask, inputs[0], mask.scale());
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      return new Tensor[] {masked(context, mask, g)};
    }

    @Override
    public Memory gradientMemory() {
      return Memory.FRESH;
    }

    @Override
    public Phase phase() {
      return Phase.DROPOUT;
    }

    @Override
    public String name() {
      return "dropout";
    }
  }

  /** residual + mask * x / P(keep); inputs x and residual have the same shape. */
  record DropoutAdd(DropMask mask) implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      return masking(inputs[0]).timesPlus(mask, inputs[0], mask.scale(), inputs[1]);
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      return new Tensor[] {
        context.needs(0) ? masking(g).times(mask, g, mask.scale()) : null,
        context.needs(1) ? g : null
      };
    }

    @Override
    public Memory gradientMemory() {
      return Memory.SHARED;
    }

    @Override
    public Phase phase() {
      return Phase.DROPOUT;
    }

    @Override
    public String name() {
      return "dropoutAdd";
    }
  }

  private static Tensor masked(Function.Context context, DropMask mask, Tensor g) {
    if (!context.mayOverwriteGradient()) {
      return masking(g).times(mask, g, mask.scale());
    }
    masking(g).timesInPlace(mask, g, mask.scale());
    return g;
  }

  private static Masking masking(Tensor x) {
    return Backend.of(x.device()).masking();
  }
}
