package dev.jlora.tensor;

import static dev.jlora.tensor.NativeCall.check;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.AttentionKernels;
import dev.jlora.ffi.TensorHandles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Fused attention kernels whose results libtorch's dispatcher cannot return to C; they are called
 * directly.
 */
public final class FusedAttentions {
  private static final int RESULTS = 9;
  private static final int OUT = 0;
  private static final int LOGSUMEXP = 1;
  private static final int STATE = 6;
  private static final int OFFSET = 7;

  private FusedAttentions() {}

  /**
   * Flash attention of q [b, h, s, d], k and v [b, h, t, d] in 16 bits. Returns [out, logsumexp,
   * generator state, unused], the arguments of its backward.
   */
  public static @Nullable Tensor[] flash(
      Tensor q, Tensor k, Tensor v, double dropout, boolean causal, double scale) {
    return call(
        "flash",
        q,
        k,
        v,
        causal,
        (arena, out) ->
            AttentionKernels.flash(
                q.handle(),
                k.handle(),
                v.handle(),
                dropout,
                causal,
                arena.allocateFrom(JAVA_DOUBLE, scale),
                out));
  }

  /**
   * cuDNN's attention, with an additive bias [b, h, s, t] or null. Returns [out, logsumexp,
   * generator seed, offset].
   */
  public static @Nullable Tensor[] cudnn(
      Tensor q,
      Tensor k,
      Tensor v,
      @Nullable Tensor bias,
      double dropout,
      boolean causal,
      double scale) {
    return call(
        "cudnn",
        q,
        k,
        v,
        causal,
        (arena, out) ->
            AttentionKernels.cudnn(
                q.handle(),
                k.handle(),
                v.handle(),
                bias == null ? MemorySegment.NULL : arena.allocateFrom(JAVA_LONG, bias.handle()),
                dropout,
                causal,
                arena.allocateFrom(JAVA_DOUBLE, scale),
                out));
  }

  /** One of the two kernels, with memory for its arguments and results. */
  private interface Kernel {
    int launch(Arena arena, MemorySegment out);
  }

  private static @Nullable Tensor[] call(
      String name, Tensor q, Tensor k, Tensor v, boolean causal, Kernel kernel) {
    if (q.device().kind() == Device.Kind.META) {
      return MetaOperators.flash(q, k, v, causal);
    }
    Direct.requireOneDevice(q, k, v);
    requireKernels();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG, RESULTS);
      check(kernel.launch(arena, out), () -> text(name, q, k, v));
      return taken(out);
    }
  }

  private static void requireKernels() {
    if (!AttentionKernels.available()) {
      throw new TorchException(
          "fused attention: this libtorch has none of CUDA's; set -Djlora.attention=efficient");
    }
  }

  /** Takes the four results in use and frees the others; two slots hold lengths. */
  private static @Nullable Tensor[] taken(MemorySegment out) {
    NativeCall call = NativeCall.local();
    @Nullable Tensor[] kept = new Tensor[RESULTS];
    for (int i = 0; i < RESULTS; i++) {
      long handle = out.getAtIndex(JAVA_LONG, i);
      if (i == 4 || i == 5 || handle == 0) {
        continue;
      }
      boolean wanted = i == OUT || i == LOGSUMEXP || i == STATE || i == OFFSET;
      check(TensorHandles.isDefined(handle, call.out), () -> "is_defined");
      if (wanted && (call.outInt() & 0xff) != 0) {
        kept[i] = Tensor.own(call, handle);
      } else {
        TensorHandles.deleteTensor(handle);
      }
    }
    return new @Nullable Tensor[] {kept[OUT], kept[LOGSUMEXP], kept[STATE], kept[OFFSET]};
  }

  private static String text(String kernel, Tensor q, Tensor k, Tensor v) {
    return "aten::_scaled_dot_product_%s_attention(%s, %s, %s)"
        .formatted(kernel, q.describe(), k.describe(), v.describe());
  }
}
