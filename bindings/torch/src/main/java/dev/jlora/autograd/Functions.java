package dev.jlora.autograd;

import dev.jlora.kernels.AttentionKernel;
import dev.jlora.kernels.CrossEntropyKernel;
import dev.jlora.kernels.DropMask;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The differentiable operations, each run on a {@link Tape}.
 *
 * <p>Every result is a new tensor owned by the current scope. Shapes are given in brackets; {@code
 * ...} stands for any leading dimensions. Inputs of one call have the same dtype unless stated
 * otherwise. Incompatible shapes throw an {@link IllegalArgumentException} or a {@link
 * dev.jlora.tensor.TorchException} that names them.
 */
public final class Functions {
  /** The usual {@code ignoreIndex}: PyTorch's default. */
  public static final int IGNORE_INDEX = -100;

  private Functions() {}

  // ---- products

  /** x W^T + b: x [..., in], weight [out, in], bias [out] or null, to [..., out]. */
  public static Tensor linear(Tape tape, Tensor x, Tensor weight, @Nullable Tensor bias) {
    return linear(tape, x, weight, bias, false);
  }

  /** Linear with an optionally transposed weight [in, out] (GPT-2's Conv1D). */
  public static Tensor linear(
      Tape tape, Tensor x, Tensor weight, @Nullable Tensor bias, boolean transposedWeight) {
    return tape.apply(new Linear(transposedWeight), x, weight, bias);
  }

  /**
   * x W^T + b + scale * dropout(x) A^T B^T, fused.
   *
   * @param x [..., in]
   * @param weight [out, in], or [in, out] if {@code transposedWeight}; has x's dtype
   * @param bias [out] or null
   * @param a [r, in], any floating dtype; its gradient has the same
   * @param b [out, r], any floating dtype; its gradient has the same
   * @param scale alpha / r
   * @param p dropout probability on the adapter's input, 0 for none
   * @param random the stream for dropout; may be null if p is 0
   */
  public static Tensor loraLinear(
      Tape tape,
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      Tensor a,
      Tensor b,
      double scale,
      double p,
      @Nullable RandomStream random,
      boolean transposedWeight) {
    DropMask mask = mask(p, random, x);
    return tape.apply(new LoraLinear(scale, mask, transposedWeight), x, weight, bias, a, b);
  }

  /** Matrix product of [..., m, k] and [..., k, n]; leading dimensions are broadcast. */
  public static Tensor matmul(Tape tape, Tensor a, Tensor b) {
    return tape.apply(new Matmul(), a, b);
  }

  /**
   * The solution x of a x = b, for matrices in FLOAT32 or FLOAT64. If a matrix is singular, the
   * result is not finite, or meaningless.
   *
   * @param a [..., n, n]
   * @param b [..., n, k]
   */
  public static Tensor solve(Tape tape, Tensor a, Tensor b) {
    return tape.apply(new Solve(), a, b);
  }

  /**
   * The real part of a matrix's Fourier transform, see {@link dev.jlora.ops.Fourier#realPart}.
   *
   * @param x [rows, columns], FLOAT32 or FLOAT64
   */
  public static Tensor realFourier(Tape tape, Tensor x) {
    return tape.apply(new RealFourier(), x);
  }

  // ---- arithmetic

  /** a + b, with broadcasting. */
  public static Tensor add(Tape tape, Tensor a, Tensor b) {
    return tape.apply(new Arithmetic.Add(1), a, b);
  }

  /** a - b, with broadcasting. */
  public static Tensor sub(Tape tape, Tensor a, Tensor b) {
    return tape.apply(new Arithmetic.Add(-1), a, b);
  }

  /** a * b, with broadcasting. */
  public static Tensor mul(Tape tape, Tensor a, Tensor b) {
    return tape.apply(new Arithmetic.Mul(), a, b);
  }

  /** a / b, with broadcasting. */
  public static Tensor div(Tape tape, Tensor a, Tensor b) {
    return tape.apply(new Arithmetic.Div(), a, b);
  }

  /** factor * x. */
  public static Tensor scale(Tape tape, Tensor x, double factor) {
    return tape.apply(new Arithmetic.Scale(factor), x);
  }

  /** x in another dtype; another handle for x if it has that dtype already. */
  public static Tensor cast(Tape tape, Tensor x, DType dtype) {
    return x.dtype() == dtype ? x.share() : tape.apply(new Arithmetic.Cast(dtype), x);
  }

  // ---- activations

  /** GELU; {@code approximate} is "none" (exact) or "tanh". */
  public static Tensor gelu(Tape tape, Tensor x, String approximate) {
    return tape.apply(new Activations.Gelu(approximate), x);
  }

  /** tanh(x), elementwise, any floating dtype; the result has the shape and dtype of {@code x}. */
  public static Tensor tanh(Tape tape, Tensor x) {
    return tape.apply(new Activations.Tanh(), x);
  }

  /** max(x, 0), elementwise; the result has the shape and dtype of {@code x}. */
  public static Tensor relu(Tape tape, Tensor x) {
    return tape.apply(new Activations.Relu(), x);
  }

  /** x * sigmoid(x). */
  public static Tensor silu(Tape tape, Tensor x) {
    return tape.apply(new Activations.Silu(), x);
  }

  /** 1 / (1 + exp(-x)), elementwise; the result has the shape and dtype of {@code x}. */
  public static Tensor sigmoid(Tape tape, Tensor x) {
    return tape.apply(new Activations.Sigmoid(), x);
  }

  /** Softmax along a dimension. */
  public static Tensor softmax(Tape tape, Tensor x, int dim) {
    return tape.apply(new Activations.Softmax(dim), x);
  }

  // ---- norms

  /** Layer norm over the last dimension: x [..., n], weight and bias [n] or null. */
  public static Tensor layerNorm(
      Tape tape, Tensor x, @Nullable Tensor weight, @Nullable Tensor bias, double eps) {
    return tape.apply(new Norms.LayerNorm(eps), x, weight, bias);
  }

  /** RMS norm over the last dimension: x [..., n], weight [n]. */
  public static Tensor rmsNorm(Tape tape, Tensor x, Tensor weight, double eps) {
    return tape.apply(new Norms.RmsNorm(eps), x, weight);
  }

  // ---- dropout

  /** x with each element zeroed with probability p and the others scaled by 1 / P(keep). */
  public static Tensor dropout(Tape tape, Tensor x, double p, @Nullable RandomStream random) {
    DropMask mask = mask(p, random, x);
    return mask == null ? x.share() : tape.apply(new Dropouts.Dropout(mask), x);
  }

  /** residual + dropout(x), fused; x and residual have the same shape. */
  public static Tensor dropoutAdd(
      Tape tape, Tensor x, Tensor residual, double p, @Nullable RandomStream random) {
    DropMask mask = mask(p, random, x);
    return mask == null
        ? add(tape, x, residual)
        : tape.apply(new Dropouts.DropoutAdd(mask), x, residual);
  }

  /** layerNorm(residual + dropout(x)), fused; x and residual have the same shape [..., n]. */
  public static Tensor dropoutAddLayerNorm(
      Tape tape,
      Tensor x,
      Tensor residual,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      double eps,
      double p,
      @Nullable RandomStream random) {
    if (!Arrays.equals(x.shape(), residual.shape())) {
      throw new IllegalArgumentException(
          "dropoutAddLayerNorm: got x of %s and a residual of %s, expected one shape"
              .formatted(Arrays.toString(x.shape()), Arrays.toString(residual.shape())));
    }
    DropMask mask = mask(p, random, x);
    return tape.apply(new Norms.DropoutAddLayerNorm(eps, mask), x, residual, weight, bias);
  }

  // ---- attention

  /**
   * softmax(scale q k^T + mask) v, with dropout on the probabilities.
   *
   * @param q [b, h, s, d]; k and v are [b, h, t, d]
   * @param mask additive, with q's dtype, broadcast to [b, h, s, t], such as [b, 1, 1, t]; or null
   * @param causal whether position i attends only to positions up to i
   * @param random the stream for dropout; may be null if p is 0
   * @return [b, h, s, d]
   */
  public static Tensor attention(
      Tape tape,
      Tensor q,
      Tensor k,
      Tensor v,
      @Nullable Tensor mask,
      boolean causal,
      double scale,
      double p,
      @Nullable RandomStream random) {
    Attention.check(q, k, v, mask);
    long numbers = AttentionKernel.numbers(q, k, causal, null);
    DropMask drop = p == 0 ? null : source(random).mask(p, numbers);
    Function function =
        q.device().host()
            ? Attention.of(q, k, v, causal, scale, drop)
            : DeviceAttention.of(q, k, v, mask, causal, scale, drop, random);
    return tape.apply(function, q, k, v, mask);
  }

  /**
   * Self-attention over a fused tensor of queries, keys and values.
   *
   * @param fused [b, s, 3 h d]: for each token the queries of all heads, then their keys, then
   *     their values
   * @param heads h
   * @return [b, s, h d]; everything else as in {@link #attention}
   */
  public static Tensor selfAttention(
      Tape tape,
      Tensor fused,
      long heads,
      @Nullable Tensor mask,
      boolean causal,
      double scale,
      double p,
      @Nullable RandomStream random) {
    return SelfAttention.apply(tape, fused, heads, mask, causal, scale, p, random);
  }

  /** Rotary position embedding: x [..., s, d], cos and sin broadcast to x's shape. */
  public static Tensor rotary(Tape tape, Tensor x, Tensor cos, Tensor sin) {
    return tape.apply(new Rotary(), x, cos, sin);
  }

  // ---- look-up and convolution

  /**
   * Rows of weight [rows, n] at ids [...] (INT64); row {@code paddingIdx} (-1 for none) gets no
   * gradient.
   */
  public static Tensor embedding(Tape tape, Tensor weight, Tensor ids, long paddingIdx) {
    return tape.apply(new Embedding(paddingIdx), weight, ids);
  }

  /**
   * 2-D convolution: x [n, in, h, w], weight [out, in / groups, kh, kw], bias [out] or null, to [n,
   * out, h', w']. Stride and padding have one value per spatial dimension.
   */
  public static Tensor conv2d(
      Tape tape,
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      long[] stride,
      long[] padding,
      long groups) {
    return tape.apply(new Convolution(stride.clone(), padding.clone(), groups), x, weight, bias);
  }

  // ---- shape

  /** The same elements in another shape; one size may be -1. */
  public static Tensor reshape(Tape tape, Tensor x, long... shape) {
    return tape.apply(new Shaping.Reshape(shape), x);
  }

  /** A view of {@code x} with two dimensions swapped; negative indices count from the end. */
  public static Tensor transpose(Tape tape, Tensor x, int dim0, int dim1) {
    return tape.apply(new Shaping.Transpose(dim0, dim1), x);
  }

  /** A view of {@code x} with its dimensions reordered; each is given once. */
  public static Tensor permute(Tape tape, Tensor x, int... dims) {
    return tape.apply(new Shaping.Permute(dims), x);
  }

  /** Dimensions of size 1 repeated without memory. */
  public static Tensor expand(Tape tape, Tensor x, long... shape) {
    return tape.apply(new Shaping.Expand(shape), x);
  }

  /** Elements {@code start} (inclusive) to {@code end} (exclusive) of a dimension. */
  public static Tensor slice(Tape tape, Tensor x, int dim, long start, long end) {
    return tape.apply(new Shaping.Slice(dim, start, end), x);
  }

  /**
   * A copy of x with src in place of some rows of a dimension.
   *
   * @param src of x's shape, but with n rows
   * @param ids [n] INT64, each once
   */
  public static Tensor indexCopy(Tape tape, Tensor x, int dim, Tensor ids, Tensor src) {
    return tape.apply(new IndexCopy(dim), x, src, ids);
  }

  /** One index of a dimension, which is removed. */
  public static Tensor select(Tape tape, Tensor x, int dim, long index) {
    return tape.apply(new Shaping.Select(dim, index), x);
  }

  /**
   * Values placed at indices of the last dimension, zeros elsewhere.
   *
   * @param values [..., k]
   * @param ids [k] INT64, each at most once
   * @return [..., size]
   */
  public static Tensor scatter(Tape tape, Tensor values, Tensor ids, long size) {
    return tape.apply(new Scatter(size), values, ids);
  }

  /** Tensors joined along a dimension. */
  public static Tensor cat(Tape tape, int dim, Tensor... tensors) {
    return tape.apply(new Shaping.Cat(dim), tensors);
  }

  // ---- reductions

  /** Sum over dimensions, or over all elements if none is given. */
  public static Tensor sum(Tape tape, Tensor x, boolean keepDim, long... dims) {
    return tape.apply(new Reductions.Sum(keepDim, dims), x);
  }

  /** Mean over dimensions, or over all elements if none is given. */
  public static Tensor mean(Tape tape, Tensor x, boolean keepDim, long... dims) {
    return tape.apply(new Reductions.Mean(keepDim, dims), x);
  }

  /**
   * Euclidean norm over dimensions, or over all elements if none is given: the Frobenius norm of a
   * matrix. Its gradient at zero is zero.
   */
  public static Tensor norm(Tape tape, Tensor x, boolean keepDim, long... dims) {
    return tape.apply(new Reductions.Norm(keepDim, dims), x);
  }

  // ---- losses

  /**
   * Cross-entropy as defined by PyTorch: the mean over the labels that are not {@code ignoreIndex}.
   *
   * @param logits [..., K]
   * @param labels [...] INT64, each {@code ignoreIndex} or from 0 to K - 1
   * @param labelSmoothing from 0 to 1
   * @return 0-dim, FLOAT32 for 16-bit logits; NaN if every label is ignored
   */
  public static Tensor crossEntropy(
      Tape tape, Tensor logits, Tensor labels, long ignoreIndex, double labelSmoothing) {
    long[] shape = logits.shape();
    Losses.checkClasses("crossEntropy: got logits", logits, labels, labelSmoothing);
    Tensor rows = shape.length == 2 ? logits : reshape(tape, logits, -1, shape[shape.length - 1]);
    Function function = new Losses.CrossEntropy(ignoreIndex, labelSmoothing);
    return tape.apply(function, rows, Views.reshape(labels, -1));
  }

  /**
   * The cross-entropy of x W^T + b against labels. On the CPU, if W and b are frozen, the logits
   * are never stored as a whole, which saves most of the memory of a language model's step.
   *
   * @param x [..., in]
   * @param weight [K, in]
   * @param bias [K] or null
   * @param labels [...] INT64, each {@code ignoreIndex} or from 0 to K - 1
   * @return as {@link #crossEntropy}
   */
  public static Tensor linearCrossEntropy(
      Tape tape,
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      Tensor labels,
      long ignoreIndex,
      double labelSmoothing) {
    boolean fused =
        CrossEntropyKernel.takes(x.dtype(), x.device())
            && x.contiguous()
            && !tape.tracks(weight)
            && !tape.tracks(bias);
    if (!fused) {
      Tensor logits = linear(tape, x, weight, bias);
      return crossEntropy(tape, logits, labels, ignoreIndex, labelSmoothing);
    }
    Losses.checkClasses("linearCrossEntropy: got x", x, labels, labelSmoothing);
    var kernel = new CrossEntropyKernel(ignoreIndex, labelSmoothing);
    Tensor rows = x.rank() == 2 ? x : reshape(tape, x, -1, x.size(-1));
    Tensor flat = Views.reshape(labels, -1);
    return tape.apply(LinearCrossEntropy.of(kernel, weight), rows, weight, bias, flat);
  }

  /**
   * Binary cross-entropy of logits against targets of the same shape, averaged over all elements.
   */
  public static Tensor bceWithLogits(Tape tape, Tensor logits, Tensor targets) {
    requireSameShape("bceWithLogits", logits, targets);
    return tape.apply(new Losses.BceWithLogits(), logits, targets);
  }

  /** Mean squared error against targets of the same shape. */
  public static Tensor mse(Tape tape, Tensor x, Tensor targets) {
    requireSameShape("mse", x, targets);
    return tape.apply(new Losses.Mse(), x, targets);
  }

  private static void requireSameShape(String name, Tensor x, Tensor targets) {
    if (!Arrays.equals(x.shape(), targets.shape())) {
      throw new IllegalArgumentException(
          "%s: got %s and targets %s, expected one shape"
              .formatted(name, x.describe(), targets.describe()));
    }
  }

  /** The mask of a dropout on x; null, without a draw, if nothing is dropped. */
  private static @Nullable DropMask mask(double p, @Nullable RandomStream random, Tensor x) {
    return p == 0 ? null : source(random).mask(p, x.elements());
  }

  static RandomStream source(@Nullable RandomStream random) {
    if (random == null) {
      throw new IllegalArgumentException(
          "dropout: got no random stream, expected one where p is not 0; pass the run's stream");
    }
    return random;
  }
}
