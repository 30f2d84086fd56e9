package dev.jlora.kernels;

import dev.jlora.ops.InPlace;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import org.jspecify.annotations.Nullable;

/**
 * A {@link DropMask} on a GPU, with libtorch's operators. The device's generator is seeded for this
 * mask, with a mix of the mask's seed and offset, and draws one value for each element of new
 * memory. The same mask can thus be drawn at any time: a run can be repeated and resumed, and
 * backward draws the mask again, as on the CPU.
 *
 * <p>The mask is drawn again rather than kept: keeping it would cost a byte per element from
 * forward to backward, drawing it one more kernel that writes that byte. It is always drawn into
 * new contiguous memory of one dtype, because the assignment of the generator's numbers to elements
 * depends on both. The values differ from those that the CPU draws for the same seed.
 */
final class DeviceMask {
  private static final Operator BERNOULLI_ = Operator.of("aten::bernoulli_.float");
  private static final Operator SCALED = Operator.of("aten::native_dropout_backward");
  private static final double ALL = 1 << 16;

  private DeviceMask() {}

  /** mask * x * factor, in new memory. */
  static Tensor times(DropMask mask, Tensor x, double factor) {
    return SCALED.one(x, drawn(mask, DType.BOOL, x), factor);
  }

  /** out = addend + mask * x * factor; {@code out} may be any of the others. */
  static void write(DropMask mask, Tensor out, Tensor x, @Nullable Tensor addend, double factor) {
    if (addend == null) {
      out.copyFrom(times(mask, x, factor));
      return;
    }
    if (out != addend) {
      out.copyFrom(addend);
    }
    InPlace.addProduct(out, x, drawn(mask, x.dtype(), x), factor);
  }

  /** Ones for kept elements, zeros for dropped ones. */
  private static Tensor drawn(DropMask mask, DType dtype, Tensor like) {
    Torch.seedDevices(mask.deviceSeed());
    Tensor drawn = Tensor.empty(DType.BOOL, like.device(), like.shape());
    BERNOULLI_.run(1, drawn, mask.keep() / ALL, null);
    if (dtype == DType.BOOL) {
      return drawn;
    }
    Tensor cast = Tensor.empty(dtype, like.device(), like.shape());
    cast.copyFrom(drawn);
    return cast;
  }
}
