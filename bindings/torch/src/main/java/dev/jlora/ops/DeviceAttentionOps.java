package dev.jlora.ops;

import static dev.jlora.tensor.Operator.some;

import dev.jlora.tensor.FusedAttentions;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/**
 * The fused attention kernels of a GPU, over q [b, h, s, d], k and v [b, h, t, d], with a common
 * signature.
 */
public final class DeviceAttentionOps {
  private static final Operator FLASH_BACKWARD =
      Operator.of("aten::_scaled_dot_product_flash_attention_backward");
  private static final Operator EFFICIENT =
      Operator.of("aten::_scaled_dot_product_efficient_attention");
  private static final Operator EFFICIENT_BACKWARD =
      Operator.of("aten::_scaled_dot_product_efficient_attention_backward");
  private static final Operator CUDNN_BACKWARD =
      Operator.of("aten::_scaled_dot_product_cudnn_attention_backward");

  /** Rows of a bias begin at multiples of this many elements. */
  private static final long ALIGNMENT = 8;

  private DeviceAttentionOps() {}

  /** The kernels. */
  public enum Kernel {
    /** 16 bits, no bias (Dao, arXiv 2307.08691). */
    FLASH,
    /** 16 bits and FLOAT32, with or without a bias (Rabe and Staats, arXiv 2112.05682). */
    EFFICIENT,
    /** 16 bits, with or without a bias. */
    CUDNN
  }

  /** Arguments common to forward and backward; {@code dropout} is the probability of dropping. */
  public record Setting(Kernel kernel, double dropout, boolean causal, double scale) {}

  /**
   * Results of forward.
   *
   * @param out [b, h, s, d], with the strides of [b, s, h, d]
   * @param logsumexp for backward
   * @param seed state of the generator, for backward; null if the kernel returned none
   * @param offset position of the generator, for backward; null if the kernel returned none
   */
  public record Forward(
      Tensor out, Tensor logsumexp, @Nullable Tensor seed, @Nullable Tensor offset) {}

  /**
   * Converts an additive mask for the kernels: [b, h, s, t], each row at a multiple of 8 elements.
   * Only unaligned masks are copied; broadcast dimensions stay broadcast.
   */
  public static @Nullable Tensor bias(@Nullable Tensor mask, Tensor q, Tensor k) {
    if (mask == null) {
      return null;
    }
    return Views.expand(
        aligned(mask) ? mask : padded(mask), q.size(0), q.size(1), q.size(2), k.size(2));
  }

  private static boolean aligned(Tensor mask) {
    long[] strides = mask.strides();
    for (int i = 0; i < strides.length - 1; i++) {
      if (strides[i] % ALIGNMENT != 0) {
        return false;
      }
    }
    return strides.length > 0 && strides[strides.length - 1] == 1;
  }

  private static Tensor padded(Tensor mask) {
    long[] shape = mask.shape();
    long columns = shape[shape.length - 1];
    shape[shape.length - 1] = Math.ceilDiv(columns, ALIGNMENT) * ALIGNMENT;
    Tensor whole = Tensor.zeros(mask.dtype(), mask.device(), shape);
    Tensor part = Views.slice(whole, -1, 0, columns);
    part.copyFrom(mask);
    return part;
  }

  /** softmax(scale q k^T + bias) v, with dropout by the device's generator. */
  public static Forward forward(
      Setting setting, Tensor q, Tensor k, Tensor v, @Nullable Tensor bias) {
    double p = setting.dropout();
    boolean causal = setting.causal();
    @Nullable Tensor[] all =
        switch (setting.kernel()) {
          case FLASH -> FusedAttentions.flash(q, k, v, p, causal, setting.scale());
          case CUDNN -> FusedAttentions.cudnn(q, k, v, bias, p, causal, setting.scale());
          case EFFICIENT ->
              EFFICIENT.many(4, q, k, v, some(bias), true, p, causal, some(setting.scale()));
        };
    return new Forward(all[0], all[1], all[2], all[3]);
  }

  /** Gradients of {@link #forward}: [dq, dk, dv]. */
  public static Tensor[] backward(
      Setting setting,
      Tensor grad,
      Tensor q,
      Tensor k,
      Tensor v,
      @Nullable Tensor bias,
      Forward forward) {
    Tensor g = rowMajor(grad);
    Object scale = some(setting.scale());
    return switch (setting.kernel()) {
      case FLASH ->
          FLASH_BACKWARD.many(
              3,
              g,
              q,
              k,
              v,
              forward.out(),
              forward.logsumexp(),
              Operator.NO_TENSOR,
              Operator.NO_TENSOR,
              q.size(2),
              k.size(2),
              setting.dropout(),
              setting.causal(),
              present(forward.seed()),
              present(forward.offset()),
              scale);
      case EFFICIENT ->
          EFFICIENT_BACKWARD.many(
              4,
              g,
              q,
              k,
              v,
              present(bias),
              forward.out(),
              forward.logsumexp(),
              present(forward.seed()),
              present(forward.offset()),
              setting.dropout(),
              new boolean[] {true, true, true, false},
              setting.causal(),
              scale);
      case CUDNN ->
          CUDNN_BACKWARD.many(
              3,
              g,
              q,
              k,
              v,
              forward.out(),
              forward.logsumexp(),
              present(forward.seed()),
              present(forward.offset()),
              present(bias),
              Operator.NO_TENSOR,
              Operator.NO_TENSOR,
              q.size(2),
              k.size(2),
              setting.dropout(),
              setting.causal(),
              scale);
    };
  }

  private static Tensor rowMajor(Tensor grad) {
    return grad.strides()[3] == 1 ? grad : Ops.clone(grad);
  }

  private static Object present(@Nullable Tensor tensor) {
    return tensor == null ? Operator.NO_TENSOR : tensor;
  }
}
