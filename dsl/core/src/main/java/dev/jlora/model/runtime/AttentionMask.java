package dev.jlora.model.runtime;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** Converts a batch's mask of ones and zeros to an additive mask of attention scores. */
public final class AttentionMask {
  private static final double LOWEST_FLOAT32 = -3.4028234663852886e38;
  private static final double LOWEST_BFLOAT16 = -3.3895313892515355e38;
  private static final double LOWEST_FLOAT16 = -65504;

  private AttentionMask() {}

  /**
   * From [B, S] INT64 (1 = visible) to [B, 1, 1, S] of {@code dtype}, or null if there is no mask
   * or it is all ones. On a GPU the mask is always built: reading it would wait for the device.
   */
  static @Nullable Tensor additive(@Nullable Tensor mask, DType dtype) {
    if (mask == null || seesEverything(mask)) {
      return null;
    }
    return Views.view(hiding(mask, dtype), mask.size(0), 1, 1, mask.size(1));
  }

  /**
   * The additive mask [B or 1, 1, S, S] of {@link ForwardContext#windowMask}.
   *
   * @param mask [B, S] INT64 (1 = visible), or null if all are
   * @param tokens S
   */
  static Tensor window(
      @Nullable Tensor mask, long window, long tokens, DType dtype, Device device) {
    Tensor band = band(tokens, window / 2, device);
    if (mask == null) {
      return hiding(band, dtype);
    }
    Tensor visible = Views.view(Ops.to(mask, DType.FLOAT32), mask.size(0), 1, 1, tokens);
    return hiding(Ops.maximum(Ops.mul(visible, band), band(tokens, 0, device)), dtype);
  }

  /** [1, 1, S, S] FLOAT32: 1 where |i - j| is at most {@code reach}, otherwise 0. */
  private static Tensor band(long tokens, long reach, Device device) {
    Tensor all = Tensor.ones(DType.FLOAT32, device, tokens, tokens);
    return Views.view(Ops.tril(Ops.triu(all, -reach), reach), 1, 1, tokens, tokens);
  }

  /** From 1 (visible) and 0 (masked) of any dtype to 0 and the lowest number of {@code dtype}. */
  static Tensor hiding(Tensor seen, DType dtype) {
    Tensor hidden = Ops.addScalar(Ops.neg(Ops.to(seen, dtype)), 1);
    return Ops.mul(hidden, lowest(dtype));
  }

  /** Whether a mask on the CPU is all ones; false on a GPU, where it is not read. */
  public static boolean seesEverything(Tensor mask) {
    if (mask.device().kind() != Device.Kind.CPU || !mask.contiguous()) {
      return false;
    }
    MemorySegment bytes = mask.memory();
    for (long i = 0; i < mask.elements(); i++) {
      if (bytes.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i) == 0) {
        return false;
      }
    }
    return true;
  }

  private static double lowest(DType dtype) {
    return switch (dtype) {
      case BFLOAT16 -> LOWEST_BFLOAT16;
      case FLOAT16 -> LOWEST_FLOAT16;
      default -> LOWEST_FLOAT32;
    };
  }
}
