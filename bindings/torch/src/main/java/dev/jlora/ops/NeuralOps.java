package dev.jlora.ops;

import static dev.jlora.tensor.Operator.some;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** ATen's neural network kernels, forward and backward, without autograd. */
public final class NeuralOps {
  private static final Filling SOFTMAX = Filling.of("aten::_softmax", "aten::_softmax.out");
  private static final Operator SOFTMAX_BACKWARD = Operator.of("aten::_softmax_backward_data");
  private static final Operator LOG_SOFTMAX = Operator.of("aten::_log_softmax");
  private static final Operator NLL = Operator.of("aten::nll_loss_forward");
  private static final Operator BCE = Operator.of("aten::binary_cross_entropy_with_logits");
  private static final Operator LAYER_NORM = Operator.of("aten::native_layer_norm");
  private static final Operator LAYER_NORM_BACKWARD =
      Operator.of("aten::native_layer_norm_backward");
  private static final Filling GELU_BACKWARD =
      Filling.of("aten::gelu_backward", "aten::gelu_backward.grad_input");
  private static final Filling TANH_BACKWARD =
      Filling.of("aten::tanh_backward", "aten::tanh_backward.grad_input");
  private static final Filling SIGMOID_BACKWARD =
      Filling.of("aten::sigmoid_backward", "aten::sigmoid_backward.grad_input");
  private static final Filling SILU_BACKWARD =
      Filling.of("aten::silu_backward", "aten::silu_backward.grad_input");
  private static final Operator EMBEDDING = Operator.of("aten::embedding");
  private static final Operator EMBEDDING_BACKWARD = Operator.of("aten::embedding_dense_backward");
  private static final Operator SDPA =
      Operator.of("aten::_scaled_dot_product_flash_attention_for_cpu");
  private static final Operator SDPA_BACKWARD =
      Operator.of("aten::_scaled_dot_product_flash_attention_for_cpu_backward");
  private static final Operator CONVOLUTION = Operator.of("aten::convolution");
  private static final Operator CONVOLUTION_BACKWARD = Operator.of("aten::convolution_backward");

  /** How a loss is reduced, with libtorch's codes. */
  public enum Reduction {
    NONE,
    MEAN,
    SUM;

    long code() {
      return ordinal();
    }
  }

  private NeuralOps() {}

  // ---- softmax and losses

  /** Softmax along a dimension. */
  public static Tensor softmax(Tensor x, int dim) {
    return SOFTMAX.like(x, x, dim, false);
  }

  /** Gradient of softmax from the gradient and the output of the forward pass. */
  public static Tensor softmaxBackward(Tensor grad, Tensor y, int dim, DType inputDtype) {
    return SOFTMAX_BACKWARD.one(grad, y, dim, inputDtype);
  }

  /** Logarithm of softmax along a dimension. */
  public static Tensor logSoftmax(Tensor x, int dim) {
    return LOG_SOFTMAX.one(x, dim, false);
  }

  /**
   * Negative log-likelihood of log-probabilities [n, classes] at targets [n] (INT64): [loss, total
   * weight].
   */
  public static Tensor[] nllLoss(
      Tensor logProbabilities,
      Tensor target,
      @Nullable Tensor weight,
      Reduction reduction,
      long ignoreIndex) {
    return NLL.many(2, logProbabilities, target, some(weight), reduction.code(), ignoreIndex);
  }

  /** Binary cross-entropy of logits. */
  public static Tensor bceWithLogits(Tensor x, Tensor target, Reduction reduction) {
    return BCE.one(x, target, null, null, reduction.code());
  }

  // ---- norms

  /**
   * Layer norm over the last dimensions: [y, mean, rstd]; the statistics are FLOAT32 for 16-bit
   * input.
   */
  public static Tensor[] layerNorm(
      Tensor x,
      long[] normalizedShape,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      double eps) {
    boolean wide = x.dtype().bytes() > 2;
    boolean wideStatistics = wide || weight != null && weight.dtype() == DType.FLOAT32;
    if (normalizedShape.length != 1 || !wideStatistics || !Pieces.worthwhile(x)) {
      return LAYER_NORM.many(3, x, normalizedShape, some(weight), some(bias), eps);
    }
    long rows = x.elements() / normalizedShape[0];
    long[] perRow = x.shape();
    perRow[perRow.length - 1] = 1;
    DType statistics = wide ? x.dtype() : DType.FLOAT32;
    Tensor[] results = {
      Tensor.emptyLike(x), Tensor.empty(statistics, perRow), Tensor.empty(statistics, perRow)
    };
    Pieces.fill(
        rows,
        results,
        new Tensor[] {x},
        parts -> LAYER_NORM.many(3, parts[0], normalizedShape, some(weight), some(bias), eps));
    return results;
  }

  /** Gradients of layer norm: [dx, dweight, dbias], null where {@code wanted} is false. */
  public static @Nullable Tensor[] layerNormBackward(
      Tensor grad,
      Tensor x,
      long[] normalizedShape,
      Tensor mean,
      Tensor rstd,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      boolean[] wanted) {
    boolean onlyOfInput = wanted[0] && !wanted[1] && !wanted[2]; // the others are sums over rows
    if (!onlyOfInput
        || normalizedShape.length != 1
        || !x.contiguous()
        || !Pieces.worthwhile(grad)) {
      return LAYER_NORM_BACKWARD.many(
          3, grad, x, normalizedShape, mean, rstd, some(weight), some(bias), wanted);
    }
    Tensor dx = Tensor.emptyLike(x);
    Pieces.fill(
        x.elements() / normalizedShape[0],
        new Tensor[] {dx},
        new Tensor[] {grad, x, mean, rstd},
        parts ->
            LAYER_NORM_BACKWARD.many(
                3,
                parts[0],
                parts[1],
                normalizedShape,
                parts[2],
                parts[3],
                some(weight),
                some(bias),
                wanted));
    return new @Nullable Tensor[] {dx, null, null};
  }

  // ---- activations

  /** Gradient of GELU from the input of the forward pass. */
  public static Tensor geluBackward(Tensor grad, Tensor x, String approximate) {
    return GELU_BACKWARD.like(grad, grad, x, approximate);
  }

  /** Gradient of tanh from the output of the forward pass. */
  public static Tensor tanhBackward(Tensor grad, Tensor y) {
    return TANH_BACKWARD.like(grad, grad, y);
  }

  /** Gradient of sigmoid from the output of the forward pass. */
  public static Tensor sigmoidBackward(Tensor grad, Tensor y) {
    return SIGMOID_BACKWARD.like(grad, grad, y);
  }

  /** Gradient of SiLU from the input of the forward pass. */
  public static Tensor siluBackward(Tensor grad, Tensor x) {
    return SILU_BACKWARD.like(grad, grad, x);
  }

  // ---- embedding

  /**
   * Rows of {@code weight} [rows, size] at {@code ids} [...] (INT64), to [..., size]. Ids out of
   * range are an error on the CPU.
   */
  public static Tensor embedding(Tensor weight, Tensor ids) {
    return EMBEDDING.one(weight, ids, -1, false, false);
  }

  /** Gradient of the embedding weight; {@code paddingIdx} -1 for none. */
  public static Tensor embeddingBackward(Tensor grad, Tensor ids, long rows, long paddingIdx) {
    return EMBEDDING_BACKWARD.one(grad, ids, rows, paddingIdx, false);
  }

  // ---- attention (CPU flash kernel, no dropout)

  /**
   * Scaled dot-product attention of q, k, v [b, heads, length, size]: [out, logsumexp]. {@code
   * mask} is additive, of q's dtype, and broadcasts; causal is top-left aligned.
   */
  public static Tensor[] sdpa(
      Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, boolean causal, double scale) {
    return SDPA.many(2, q, k, v, 0.0, causal, some(mask), some(scale));
  }

  /** Gradients of {@link #sdpa}: [dq, dk, dv]. */
  public static Tensor[] sdpaBackward(
      Tensor grad,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor out,
      Tensor logsumexp,
      @Nullable Tensor mask,
      boolean causal,
      double scale) {
    return SDPA_BACKWARD.many(
        3, grad, q, k, v, out, logsumexp, 0.0, causal, some(mask), some(scale));
  }

  // ---- convolution

  /** 2-D convolution: x [n, in, h, w], weight [out, in / groups, kh, kw]. */
  public static Tensor convolution(
      Tensor x, Tensor weight, @Nullable Tensor bias, long[] stride, long[] padding, long groups) {
    boolean plane = x.rank() == 4 && weight.rank() == 4 && stride.length == 2;
    if (!plane || padding.length != 2 || !Pieces.worthwhile(x)) {
      return convolved(x, weight, bias, stride, padding, groups);
    }
    long[] shape = {x.size(0), weight.size(0), 0, 0};
    for (int d = 0; d < 2; d++) {
      long room = x.size(2 + d) + 2 * padding[d] - weight.size(2 + d);
      if (room < 0 || stride[d] < 1) {
        return convolved(x, weight, bias, stride, padding, groups); // libtorch says what is wrong
      }
      shape[2 + d] = room / stride[d] + 1;
    }
    Tensor result = Tensor.empty(x.dtype(), shape);
    Pieces.fill(
        shape[0],
        new Tensor[] {result},
        new Tensor[] {x},
        parts -> {
          Tensor part = Views.view(parts[0], -1, x.size(1), x.size(2), x.size(3));
          return new Tensor[] {convolved(part, weight, bias, stride, padding, groups)};
        });
    return result;
  }

  private static Tensor convolved(
      Tensor x, Tensor weight, @Nullable Tensor bias, long[] stride, long[] padding, long groups) {
    long[] ones = new long[stride.length];
    Arrays.fill(ones, 1);
    return CONVOLUTION.one(
        x, weight, some(bias), stride, padding, ones, false, new long[stride.length], groups);
  }

  /**
   * Gradients of {@link #convolution}: [dx, dweight, dbias], null where {@code wanted} is false.
   */
  public static @Nullable Tensor[] convolutionBackward(
      Tensor grad,
      Tensor x,
      Tensor weight,
      boolean hasBias,
      long[] stride,
      long[] padding,
      long groups,
      boolean[] wanted) {
    long[] ones = new long[stride.length];
    Arrays.fill(ones, 1);
    Object biasSizes = hasBias ? some(new long[] {weight.size(0)}) : null;
    return CONVOLUTION_BACKWARD.many(
        3,
        grad,
        x,
        weight,
        biasSizes,
        stride,
        padding,
        ones,
        false,
        new long[stride.length],
        groups,
        wanted);
  }
}
