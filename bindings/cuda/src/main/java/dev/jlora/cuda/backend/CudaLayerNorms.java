package dev.jlora.cuda.backend;

import dev.jlora.backend.LayerNorms;
import dev.jlora.cuda.kernels.LayerNormKernels;
import dev.jlora.cuda.kernels.LayerNormKernels.Parameters;
import dev.jlora.cuda.kernels.Mask;
import dev.jlora.kernels.DropMask;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Dropout, sum and norm in one pass over memory, and all gradients in another. */
final class CudaLayerNorms implements LayerNorms {
  private final GpuQueue queue;
  private final LayerNormKernels kernels;
  private final LayerNorms composed;

  CudaLayerNorms(GpuQueue queue, LayerNorms composed) {
    this.queue = queue;
    this.kernels = new LayerNormKernels(queue.kernels());
    this.composed = composed;
  }

  private static boolean takes(Tensor x) {
    return GpuQueue.takes(x) && x.size(-1) <= LayerNormKernels.MOST_COLUMNS;
  }

  @Override
  public Normalized forward(
      Tensor x,
      @Nullable Tensor residual,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      double eps,
      @Nullable DropMask mask) {
    if (!takes(x)) {
      return composed.forward(x, residual, weight, bias, eps, mask);
    }
    Tensor whole = Ops.contiguous(x);
    Tensor rows = GpuQueue.rows(whole);
    Tensor y = Tensor.empty(x.dtype(), x.device(), x.shape());
    Tensor sum = residual == null ? whole : Tensor.empty(x.dtype(), x.device(), x.shape());
    Tensor mean = Tensor.empty(DType.FLOAT32, x.device(), rows.size(0));
    Tensor rstd = Tensor.empty(DType.FLOAT32, x.device(), rows.size(0));
    boolean own = fits(weight, x.dtype()) && fits(bias, x.dtype()) && alike(weight, bias);
    Tensor w = parameter(weight, own);
    Tensor b = parameter(bias, own);
    kernels.forward(
        queue.stream(),
        GpuQueue.rows(y),
        residual == null ? null : GpuQueue.rows(sum),
        mean,
        rstd,
        rows,
        residual == null ? null : GpuQueue.rows(Ops.contiguous(residual)),
        new Parameters(w, b),
        eps,
        GpuQueue.mask(mask));
    return new Normalized(y, sum, mean, rstd, w, b);
  }

  @Override
  public Gradients backward(
      Tensor g, Normalized normalized, @Nullable DropMask mask, Wanted wanted) {
    Tensor sum = normalized.sum();
    if (!takes(sum)) {
      return composed.backward(g, normalized, mask, wanted);
    }
    Tensor rows = GpuQueue.rows(sum);
    int columns = Math.toIntExact(rows.size(1));
    boolean masked = mask != null && wanted.x();
    Tensor dsum = wanted.residual() || (wanted.x() && !masked) ? emptyLike(sum) : null;
    Tensor dx = masked ? emptyLike(sum) : null;
    Mask numbers = masked ? GpuQueue.mask(mask) : Mask.NONE;
    Tensor dweight = wanted.weight() ? floats(sum, columns) : null;
    Tensor dbias = wanted.bias() ? floats(sum, columns) : null;
    Tensor workspace =
        wanted.weight() || wanted.bias()
            ? floats(sum, 2, kernels.workspaceRows(rows.size(0), columns, numbers), columns)
            : null;
    kernels.backward(
        queue.stream(),
        dsum == null ? null : GpuQueue.rows(dsum),
        dx == null ? null : GpuQueue.rows(dx),
        dweight,
        dbias,
        workspace,
        GpuQueue.rows(Ops.contiguous(g)),
        rows,
        normalized.mean(),
        normalized.rstd(),
        new Parameters(normalized.weight(), normalized.bias()),
        numbers);
    return new Gradients(
        wanted.x() && !masked ? dsum : dx, wanted.residual() ? dsum : null, dweight, dbias);
  }

  private static Tensor emptyLike(Tensor x) {
    return Tensor.empty(x.dtype(), x.device(), x.shape());
  }

  private static Tensor floats(Tensor like, long... shape) {
    return Tensor.empty(DType.FLOAT32, like.device(), shape);
  }

  private static boolean fits(@Nullable Tensor parameter, DType elements) {
    return parameter == null || parameter.dtype() == DType.FLOAT32 || parameter.dtype() == elements;
  }

  private static boolean alike(@Nullable Tensor one, @Nullable Tensor other) {
    return one == null || other == null || one.dtype() == other.dtype();
  }

  /**
   * The parameter itself, or a FLOAT32 copy if the kernels do not support the combination of
   * dtypes.
   */
  private static @Nullable Tensor parameter(@Nullable Tensor parameter, boolean own) {
    if (parameter == null) {
      return null;
    }
    return Ops.contiguous(own ? parameter : Ops.to(parameter, DType.FLOAT32));
  }
}
