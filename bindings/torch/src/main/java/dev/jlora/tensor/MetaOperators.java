package dev.jlora.tensor;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Shape functions for the operators that libtorch cannot run on {@link Device#META}, so that a
 * whole training step runs there as it would on a GPU. The checks follow the sources of the CUDA
 * kernels.
 */
public final class MetaOperators {
  private static final Operator MUL = Operator.of("aten::mul.Tensor");
  private static final long EFFICIENT_ALIGNMENT = 8;
  private static final long LOGSUMEXP_ROWS = 32;
  private static final long SCRATCH_ROWS = 128;
  private static final long SCRATCH_WIDTH = 32;

  private static final class Installed {
    static {
      MetaRegistry registry = new MetaRegistry();
      elementwise(registry);
      neural(registry);
      attention(registry);
      optimizers(registry);
    }

    static void ensure() {}
  }

  private MetaOperators() {}

  /** Registers the operators, once per process. */
  public static void install() {
    Installed.ensure();
  }

  private static void elementwise(MetaRegistry r) {
    r.put("relu", "t", a -> results(like(a[0])));
    r.put("abs", "t", a -> results(like(a[0])));
    r.put("where.self", "ttt", a -> results(MUL.one(a[0], MUL.one(a[1], a[2]))));
    r.put("index_select", "tit", a -> results(selected((Tensor) a[0], (long) a[1], a[2])));
    r.put(
        "bucketize.Tensor",
        "ttbb",
        a ->
            results(empty((boolean) a[2] ? DType.INT32 : DType.INT64, ((Tensor) a[0]).rawShape())));
    r.put("log_sigmoid_forward", "t", a -> results(like(a[0]), like(a[0])));
    r.put("native_dropout_backward", "ttf", a -> results(like(a[0])));
  }

  private static void neural(MetaRegistry r) {
    r.put(
        "native_layer_norm",
        "tI?t?tf",
        a -> {
          oneDtype("layer norm", a[0], a[2], a[3]);
          Tensor statistics = statistics((Tensor) a[0], (long[]) a[1]);
          return results(like(a[0]), statistics, statistics);
        });
    r.put(
        "native_layer_norm_backward",
        "ttItt?t?tB",
        a -> {
          oneDtype("layer norm backward", a[0], a[1], a[5], a[6]);
          boolean[] wanted = (boolean[]) a[7];
          return results(
              wanted[0] ? like(a[1]) : null,
              wanted[1] ? like(a[5]) : null,
              wanted[2] ? like(a[6]) : null);
        });
    r.put(
        "embedding_dense_backward",
        "ttiib",
        a -> {
          Tensor g = (Tensor) a[0];
          return results(empty(g.dtype(), (long) a[2], g.size(-1)));
        });
    r.put("convolution_overrideable", "tt?tIIIbIi", a -> results(convolved(a)));
    r.put(
        "convolution_backward_overrideable",
        "tttIIIbIiB",
        a -> {
          boolean[] wanted = (boolean[]) a[9];
          Tensor weight = (Tensor) a[2];
          return results(
              wanted[0] ? like(a[1]) : null,
              wanted[1] ? like(weight) : null,
              wanted[2] ? empty(weight.dtype(), weight.size(0)) : null);
        });
  }

  private static void attention(MetaRegistry r) {
    r.put(
        "_scaled_dot_product_flash_attention_backward",
        "ttttttttiifbtt?f",
        a -> {
          lastContiguous(a[0]);
          oneDtype("flash attention backward", a[0], a[1], a[2], a[3], a[4]);
          require(((Tensor) a[12]).dtype() == DType.UINT64, "flash attention: state %s", a[12]);
          attentionScratch((Tensor) a[1]);
          return results(like(a[1]), like(a[2]), like(a[3]));
        });
    r.put(
        "_scaled_dot_product_efficient_attention",
        "ttt?tbfb?f",
        a -> {
          oneDtype("efficient attention", a[0], a[1], a[2], a[3]);
          lastContiguous(a[0], a[1], a[2]);
          Tensor q = (Tensor) a[0];
          require(q.size(3) % (q.dtype().bytes() == 2 ? 8 : 4) == 0, "efficient: got heads %s", q);
          bias((Tensor) a[3], q, (Tensor) a[1]);
          long rows = Math.ceilDiv(q.size(2), LOGSUMEXP_ROWS) * LOGSUMEXP_ROWS;
          return results(
              mixed(q, (Tensor) a[2]),
              empty(DType.FLOAT32, q.size(0), q.size(1), rows),
              Tensor.empty(DType.INT64, Device.META),
              Tensor.empty(DType.INT64, Device.META));
        });
    r.put(
        "_scaled_dot_product_efficient_attention_backward",
        "tttttttttfBb?f",
        a -> {
          lastContiguous(a[0]);
          oneDtype("efficient attention backward", a[0], a[1], a[2], a[3], a[4], a[5]);
          bias((Tensor) a[4], (Tensor) a[1], (Tensor) a[2]);
          require(((Tensor) a[7]).dtype() == DType.INT64, "efficient attention: seed %s", a[7]);
          attentionScratch((Tensor) a[1]);
          return results(like(a[1]), like(a[2]), like(a[3]), null);
        });
  }

  /** Shapes of {@link FusedAttentions#flash}, with the checks of its kernel. */
  static Tensor[] flash(Tensor q, Tensor k, Tensor v, boolean causal) {
    Direct.requireOneDevice(q, k, v);
    oneDtype("flash attention", q, k, v);
    lastContiguous(q, k, v);
    require(q.dtype().bytes() == 2, "flash attention: got %s", q);
    require(q.size(3) % 8 == 0 && q.size(3) <= 256, "flash attention: got heads of %s", q);
    require(!causal || q.size(2) == k.size(2), "flash attention: causal and not square, %s", q);
    return new Tensor[] {
      mixed(q, v),
      empty(DType.FLOAT32, q.size(0), q.size(1), q.size(2)),
      empty(DType.UINT64, 2),
      empty(DType.UINT64)
    };
  }

  private static void optimizers(MetaRegistry r) {
    for (String name : new String[] {"_fused_adamw_", "_fused_adam_"}) {
      r.put(
          name,
          "TTTTTTfffffbb?t?t",
          a -> {
            require(((Tensor[]) a[0]).length == ((Tensor[]) a[5]).length, "adam: %s", a[5]);
            return new Object[0];
          });
    }
    r.put("_fused_sgd_", "TTTffffbbb?t?t", _ -> new Object[0]);
    r.put("_amp_foreach_non_finite_check_and_unscale_", "Ttt", _ -> new Object[0]);
    r.put("_amp_update_scale_", "tttffi", a -> results(a[0]));
  }

  // ---- shapes

  private static @Nullable Object[] results(@Nullable Object... values) {
    return values;
  }

  private static Tensor like(@Nullable Object tensor) {
    Tensor model = (Tensor) tensor;
    return empty(model.dtype(), model.rawShape());
  }

  private static Tensor empty(DType dtype, long... shape) {
    return Tensor.empty(dtype, Device.META, shape);
  }

  private static Tensor selected(Tensor x, long dim, @Nullable Object index) {
    long[] shape = x.shape();
    shape[Shapes.dim((int) dim, shape.length)] = ((Tensor) index).elements();
    return empty(x.dtype(), shape);
  }

  private static Tensor statistics(Tensor x, long[] normalized) {
    long[] shape = x.shape();
    Arrays.fill(shape, shape.length - normalized.length, shape.length, 1);
    return empty(x.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32, shape);
  }

  /**
   * Arguments: input, weight, bias, stride, padding, dilation, transposed, output padding, groups.
   */
  private static Tensor convolved(@Nullable Object[] a) {
    oneDtype("convolution", a[0], a[1], a[2]);
    long[] shape = ((Tensor) a[0]).shape();
    long[] kernel = ((Tensor) a[1]).rawShape();
    long[] stride = (long[]) a[3];
    long[] padding = (long[]) a[4];
    long[] dilation = (long[]) a[5];
    shape[1] = kernel[0];
    for (int i = 2; i < shape.length; i++) {
      int d = i - 2;
      long reach = dilation[d] * (kernel[i] - 1) + 1;
      shape[i] = (shape[i] + 2 * padding[d] - reach) / stride[d] + 1;
    }
    return empty(((Tensor) a[0]).dtype(), shape);
  }

  /** Attention's result [b, h, s, d] with the strides of [b, s, h, d]. */
  private static Tensor mixed(Tensor q, Tensor v) {
    Tensor rows = empty(q.dtype(), q.size(0), q.size(2), q.size(1), v.size(3));
    return Views.transpose(rows, 1, 2);
  }

  /**
   * Allocates the scratch memory of the attention backward kernels: the gradient of q in FLOAT32,
   * and a sum for each row of scores, in rows of whole blocks.
   */
  private static void attentionScratch(Tensor q) {
    long rows = Math.ceilDiv(q.size(2), SCRATCH_ROWS) * SCRATCH_ROWS;
    long width = Math.ceilDiv(q.size(3), SCRATCH_WIDTH) * SCRATCH_WIDTH;
    if (q.dtype().bytes() == 2) {
      empty(DType.FLOAT32, q.size(0), q.size(1), rows, width);
    }
    empty(DType.FLOAT32, q.size(0), q.size(1), rows);
  }

  // ---- what the kernels demand

  private static void bias(@Nullable Tensor bias, Tensor q, Tensor k) {
    if (bias == null) {
      return;
    }
    long[] expected = {q.size(0), q.size(1), q.size(2), k.size(2)};
    require(Arrays.equals(bias.rawShape(), expected), "attention bias: got %s", bias);
    long[] strides = bias.rawStrides();
    require(strides[3] == 1, "attention bias: rows with gaps, %s", bias);
    for (int i = 0; i < 3; i++) {
      require(strides[i] % EFFICIENT_ALIGNMENT == 0, "attention bias: not aligned, %s", bias);
    }
  }

  private static void lastContiguous(@Nullable Object... tensors) {
    for (Object tensor : tensors) {
      long[] strides = ((Tensor) tensor).rawStrides();
      require(strides[strides.length - 1] == 1, "attention: rows with gaps, %s", tensor);
    }
  }

  private static void oneDtype(String what, @Nullable Object first, @Nullable Object... others) {
    for (Object other : others) {
      require(
          other == null || ((Tensor) other).dtype() == ((Tensor) first).dtype(),
          what + ": got another dtype, %s",
          other);
    }
  }

  private static void require(boolean holds, String message, @Nullable Object what) {
    if (!holds) {
      throw new IllegalArgumentException(message.formatted(what));
    }
  }
}
