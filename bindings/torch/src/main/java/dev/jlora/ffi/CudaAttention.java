// Generated from native/src/main/c/jlora_torch.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** CUDA's fused attention kernels that return integers besides tensors. */
public final class CudaAttention {
  private static final Downcalls C = Downcalls.torch();

  private CudaAttention() {}

  /** Whether the library has all functions of this class. */
  public static boolean available() {
    return Flash.HANDLE != null && Cudnn.HANDLE != null;
  }

  private static final class Flash {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(
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
    static final @Nullable MethodHandle HANDLE =
        C.optional("aoti_torch_cuda__scaled_dot_product_flash_attention", DESCRIPTOR);
  }

  /**
   * Flash attention; scale may be null.
   *
   * <pre>{@code
   * int32_t aoti_torch_cuda__scaled_dot_product_flash_attention(
   *     jlora_tensor q, jlora_tensor k, jlora_tensor v, double dropout, int32_t is_causal,
   *     int32_t return_debug_mask, const double *scale, jlora_tensor *out, jlora_tensor *logsumexp,
   *     jlora_tensor *cum_seq_q, jlora_tensor *cum_seq_k, int64_t *max_q, int64_t *max_k,
   *     jlora_tensor *state, jlora_tensor *unused, jlora_tensor *debug_mask);
   * }</pre>
   */
  public static int flash(
      long q,
      long k,
      long v,
      double dropout,
      int isCausal,
      int returnDebugMask,
      MemorySegment scale,
      MemorySegment out,
      MemorySegment logsumexp,
      MemorySegment cumSeqQ,
      MemorySegment cumSeqK,
      MemorySegment maxQ,
      MemorySegment maxK,
      MemorySegment state,
      MemorySegment unused,
      MemorySegment debugMask) {
    try {
      return (int)
          Flash.HANDLE.invokeExact(
              q,
              k,
              v,
              dropout,
              isCausal,
              returnDebugMask,
              scale,
              out,
              logsumexp,
              cumSeqQ,
              cumSeqK,
              maxQ,
              maxK,
              state,
              unused,
              debugMask);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Cudnn {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(
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
    static final @Nullable MethodHandle HANDLE =
        C.optional("aoti_torch_cuda__scaled_dot_product_cudnn_attention", DESCRIPTOR);
  }

  /**
   * cuDNN's attention; bias may be null.
   *
   * <pre>{@code
   * int32_t aoti_torch_cuda__scaled_dot_product_cudnn_attention(
   *     jlora_tensor q, jlora_tensor k, jlora_tensor v, const jlora_tensor *bias,
   *     int32_t compute_logsumexp, double dropout, int32_t is_causal, int32_t return_debug_mask,
   *     const double *scale, jlora_tensor *out, jlora_tensor *logsumexp, jlora_tensor *cum_seq_q,
   *     jlora_tensor *cum_seq_k, int64_t *max_q, int64_t *max_k, jlora_tensor *seed,
   *     jlora_tensor *offset, jlora_tensor *debug_mask);
   * }</pre>
   */
  public static int cudnn(
      long q,
      long k,
      long v,
      MemorySegment bias,
      int computeLogsumexp,
      double dropout,
      int isCausal,
      int returnDebugMask,
      MemorySegment scale,
      MemorySegment out,
      MemorySegment logsumexp,
      MemorySegment cumSeqQ,
      MemorySegment cumSeqK,
      MemorySegment maxQ,
      MemorySegment maxK,
      MemorySegment seed,
      MemorySegment offset,
      MemorySegment debugMask) {
    try {
      return (int)
          Cudnn.HANDLE.invokeExact(
              q,
              k,
              v,
              bias,
              computeLogsumexp,
              dropout,
              isCausal,
              returnDebugMask,
              scale,
              out,
              logsumexp,
              cumSeqQ,
              cumSeqK,
              maxQ,
              maxK,
              seed,
              offset,
              debugMask);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
