package dev.jlora.ops;

import static dev.jlora.tensor.Operator.some;

import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;

/** Reductions over all elements or along dimensions. */
public final class Reduce {
  private static final Operator SUM = Operator.of("aten::sum");
  private static final Operator SUM_DIMS = Operator.of("aten::sum.dim_IntList");
  private static final Operator MEAN = Operator.of("aten::mean");
  private static final Operator MEAN_DIMS = Operator.of("aten::mean.dim");
  private static final Operator AMAX = Operator.of("aten::amax");
  private static final Operator ARGMAX = Operator.of("aten::argmax");
  private static final Operator CUMSUM = Operator.of("aten::cumsum");

  private Reduce() {}

  /** Sum of all elements, 0-dim. */
  public static Tensor sum(Tensor x) {
    return SUM.one(x, null);
  }

  /** Sum over dimensions. */
  public static Tensor sum(Tensor x, boolean keepDim, long... dims) {
    return SUM_DIMS.one(x, some(dims), keepDim, null);
  }

  /** Mean of all elements, 0-dim. */
  public static Tensor mean(Tensor x) {
    return MEAN.one(x, null);
  }

  /** Mean over dimensions. */
  public static Tensor mean(Tensor x, boolean keepDim, long... dims) {
    return MEAN_DIMS.one(x, some(dims), keepDim, null);
  }

  /** Maximum over dimensions, or over all elements if none is given. */
  public static Tensor amax(Tensor x, boolean keepDim, long... dims) {
    return AMAX.one(x, dims, keepDim);
  }

  /** Index of the maximum along a dimension, INT64. */
  public static Tensor argmax(Tensor x, int dim, boolean keepDim) {
    return ARGMAX.one(x, some(dim), keepDim);
  }

  /** Cumulative sum along a dimension. */
  public static Tensor cumsum(Tensor x, int dim) {
    return CUMSUM.one(x, dim, null);
  }
}
