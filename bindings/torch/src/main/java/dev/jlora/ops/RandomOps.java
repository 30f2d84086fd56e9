package dev.jlora.ops;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;

/** Random numbers from libtorch's default generator, seeded by {@code Torch.seed}. */
public final class RandomOps {
  private static final Operator NORMAL_ = Operator.of("aten::normal_");
  private static final Operator UNIFORM_ = Operator.of("aten::uniform_");

  private RandomOps() {}

  /** Standard normal values. */
  public static Tensor randn(DType dtype, long... shape) {
    Tensor x = Tensor.empty(dtype, shape);
    NORMAL_.run(1, x, 0.0, 1.0, null);
    return x;
  }

  /** Uniform values in [0, 1). */
  public static Tensor rand(DType dtype, long... shape) {
    Tensor x = Tensor.empty(dtype, shape);
    UNIFORM_.run(1, x, 0.0, 1.0, null);
    return x;
  }
}
