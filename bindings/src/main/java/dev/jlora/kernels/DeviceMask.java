package dev.jlora.kernels;

import dev.jlora.ops.InPlace;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import org.jspecify.annotations.Nullable;

/**
 * A {@link DropMask} on a GPU, by libtorch's operators. The device's generator is seeded for the
 * mask alone, with a mix of the mask's seed and offset, and draws one value for each element of
 * fresh memory: the same mask wherever it is asked for, so a run can be repeated and resumed, and
 * backward draws the mask again as on the CPU.
 *
 * <p>Drawn again, not kept: a kept mask costs a byte an element from forward to backward; drawing
 * it costs one more kernel that writes that byte. It is always drawn into new contiguous memory of
 * one dtype, because the order in which the generator's numbers fall on elements depends on both.
 * The values are not those that the CPU draws for the same seed.
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

  /** Ones where an element is kept, zeros elsewhere. */
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
