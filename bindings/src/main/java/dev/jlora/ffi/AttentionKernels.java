package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.natives.NativeTorch;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fused attentions of CUDA that return integers among their tensors. libtorch's dispatcher
 * cannot hand those to C: from 2.10 to 2.14 it reads the types of results from the front and the
 * results from the back. Builds without CUDA have neither: ask {@link #available} first.
 */
public final class AttentionKernels {
  private static final Downcalls C = new Downcalls(NativeTorch.load().symbols());

  private static final @Nullable MethodHandle FLASH =
      C.optional(
          "aoti_torch_cuda__scaled_dot_product_flash_attention",
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_DOUBLE,
          JAVA_INT,
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS);

  private static final @Nullable MethodHandle CUDNN =
      C.optional(
          "aoti_torch_cuda__scaled_dot_product_cudnn_attention",
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          ADDRESS,
          JAVA_INT,
          JAVA_DOUBLE,
          JAVA_INT,
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS);

  private AttentionKernels() {}

  /** Whether this build has them. */
  public static boolean available() {
    return FLASH != null && CUDNN != null;
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
    try {
      return (int)
          FLASH.invokeExact(
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
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
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
    try {
      return (int)
          CUDNN.invokeExact(
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
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static MemorySegment slot(MemorySegment out, int index) {
    return out.asSlice(index * 8L, 8);
  }

  /** Name to signature of every function this class declares. */
  public static Map<String, FunctionDescriptor> declarations() {
    return C.declarations();
  }
}
