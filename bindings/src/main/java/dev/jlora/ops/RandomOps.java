package dev.jlora.ops;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;

/** Random numbers from libtorch's default generator, which {@code Torch.seed} seeds. */
public final class RandomOps {
  private static final Operator NORMAL_ = Operator.of("aten::normal_");
  private static final Operator UNIFORM_ = Operator.of("aten::uniform_");

  private RandomOps() {}

  /** Normal values, written in place. */
  public static void normal(Tensor dst, double mean, double std) {
    NORMAL_.run(1, dst, mean, std, null);
  }

  /** Uniform values in [from, to), written in place. */
  public static void uniform(Tensor dst, double from, double to) {
    UNIFORM_.run(1, dst, from, to, null);
  }

  /** Standard normal values. */
  public static Tensor randn(DType dtype, long... shape) {
    Tensor x = Tensor.empty(dtype, shape);
    normal(x, 0, 1);
    return x;
  }

  /** Uniform values in [0, 1). */
  public static Tensor rand(DType dtype, long... shape) {
    Tensor x = Tensor.empty(dtype, shape);
    uniform(x, 0, 1);
    return x;
  }
}
