package dev.jlora.ffi;

import java.lang.foreign.MemorySegment;

/**
 * The fused attentions of CUDA that return integers among their tensors. libtorch's dispatcher
 * cannot hand those to C: from 2.10 to 2.14 it reads the types of results from the front and the
 * results from the back. Builds without CUDA have neither: ask {@link #available} first.
 */
public final class AttentionKernels {
  private AttentionKernels() {}

  /** Whether this build has them. */
  public static boolean available() {
    return CudaAttention.available();
  }

  /**
   * Flash attention.
   *
   * @param scale points to a double
   * @param out nine 64-bit slots: output, logsumexp, two absent tensors, two lengths, generator
   *     state, unused, an absent mask; new handles
   */
  public static int flash(
      long q,
      long k,
      long v,
      double dropout,
      boolean causal,
      MemorySegment scale,
      MemorySegment out) {
    return CudaAttention.flash(
        q,
        k,
        v,
        dropout,
        causal ? 1 : 0,
        0,
        scale,
        slot(out, 0),
        slot(out, 1),
        slot(out, 2),
        slot(out, 3),
        slot(out, 4),
        slot(out, 5),
        slot(out, 6),
        slot(out, 7),
        slot(out, 8));
  }

  /**
   * cuDNN's attention.
   *
   * @param bias points to a handle; null for none
   * @param scale points to a double
   * @param out as for {@link #flash}, with seed and offset of the generator in slots 6 and 7
   */
  public static int cudnn(
      long q,
      long k,
      long v,
      MemorySegment bias,
      double dropout,
      boolean causal,
      MemorySegment scale,
      MemorySegment out) {
    return CudaAttention.cudnn(
        q,
        k,
        v,
        bias,
        1,
        dropout,
        causal ? 1 : 0,
        0,
        scale,
        slot(out, 0),
        slot(out, 1),
        slot(out, 2),
        slot(out, 3),
        slot(out, 4),
        slot(out, 5),
        slot(out, 6),
        slot(out, 7),
        slot(out, 8));
  }

  private static MemorySegment slot(MemorySegment out, int index) {
    return out.asSlice(index * 8L, 8);
  }
}
