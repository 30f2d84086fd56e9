package dev.jlora.autograd;

import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Rotary position embedding that rotates the two halves against each other: y = x cos + rotate(x)
 * sin with rotate([x1, x2]) = [-x2, x1]. Inputs: x [..., s, d] with d even, and cos and sin, which
 * broadcast to x's shape and get no gradient.
 */
record Rotary() implements Function {
  @Override
  public Tensor forward(Context context, @Nullable Tensor... inputs) {
    Tensor x = inputs[0];
    if (x.size(-1) % 2 != 0) {
      throw new IllegalArgumentException(
          "rotary: got x of shape %s, expected an even last dimension"
              .formatted(Arrays.toString(x.shape())));
    }
    context.save(inputs[1], inputs[2]);
    return turned(x, inputs[1], inputs[2], 1);
  }

  /** The transpose of a rotation is the inverse rotation. */
  @Override
  public @Nullable Tensor[] backward(Context context, Tensor g) {
    if (context.needs(1) || context.needs(2)) {
      throw new UnsupportedOperationException(
          "rotary: cos and sin get no gradient; do not watch what they are made from");
    }
    return new Tensor[] {turned(g, context.saved(0), context.saved(1), -1), null, null};
  }

  /**
   * x cos + direction rotate(x) sin. If cos and sin differ between the halves of a head, the
   * backward direction takes each sine from the half it came from.
   */
  private static Tensor turned(Tensor x, Tensor cos, Tensor sin, int direction) {
    Tensor y = Ops.mul(x, cos);
    boolean forth = direction > 0;
    InPlace.addProduct(half(y, 0), half(x, 1), half(sin, forth ? 0 : 1), -direction);
    InPlace.addProduct(half(y, 1), half(x, 0), half(sin, forth ? 1 : 0), direction);
    return y;
  }

  private static Tensor half(Tensor x, int which) {
    long size = x.size(-1) / 2;
    return Views.slice(x, -1, which * size, (which + 1) * size);
  }

  @Override
  public Memory gradientMemory() {
    return Memory.FRESH;
  }

  @Override
  public Phase phase() {
    return Phase.ATTENTION;
  }

  @Override
  public String name() {
    return "rotary";
  }
}
