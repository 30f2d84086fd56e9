// Generated from native/src/main/c/jlora_torch.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * libtorch's CUDA streams, events that order them, and pinned host memory. Builds without CUDA have
 * none of them. Methods return 0 for success. Streams and events are long.
 */
public final class LibTorchStreams {
  private static final Downcalls C = Downcalls.torch();

  private LibTorchStreams() {}

  /** Whether the library has all functions of this class. */
  public static boolean available() {
    return EmptyPinned.HANDLE != null
        && Current.HANDLE != null
        && FromPool.HANDLE != null
        && NewGuard.HANDLE != null
        && DeleteGuard.HANDLE != null
        && Synchronize.HANDLE != null
        && NewEvent.HANDLE != null
        && Record.HANDLE != null
        && Await.HANDLE != null
        && DeleteEvent.HANDLE != null;
  }

  private static final class EmptyPinned {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(
            JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    static final @Nullable MethodHandle HANDLE =
        C.optional("aoti_torch_empty_strided_pinned", DESCRIPTOR);
  }

  /**
   * Creates an uninitialized CPU tensor in pinned memory.
   *
   * <pre>{@code
   * int32_t aoti_torch_empty_strided_pinned(int64_t rank, const int64_t *sizes, const int64_t *strides,
   *                                         int32_t dtype, int32_t device_type, int32_t device_index,
   *                                         jlora_tensor *result);
   * }</pre>
   */
  public static int emptyPinned(
      long rank,
      MemorySegment sizes,
      MemorySegment strides,
      int dtype,
      int deviceType,
      int deviceIndex,
      MemorySegment result) {
    try {
      return (int)
          EmptyPinned.HANDLE.invokeExact(
              rank, sizes, strides, dtype, deviceType, deviceIndex, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Current {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS);
    static final @Nullable MethodHandle HANDLE =
        C.optional("aoti_torch_get_current_cuda_stream", DESCRIPTOR);
  }

  /**
   * The current stream of this thread; owned by libtorch.
   *
   * <pre>{@code
   * int32_t aoti_torch_get_current_cuda_stream(int32_t device, jlora_stream *result);
   * }</pre>
   */
  public static int current(int device, MemorySegment result) {
    try {
      return (int) Current.HANDLE.invokeExact(device, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class FromPool {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_BOOLEAN, JAVA_INT, ADDRESS);
    static final @Nullable MethodHandle HANDLE =
        C.optional("torch_get_cuda_stream_from_pool", DESCRIPTOR);
  }

  /**
   * A stream of libtorch's pool, never freed.
   *
   * <pre>{@code
   * int32_t torch_get_cuda_stream_from_pool(bool high_priority, int32_t device, jlora_stream *result);
   * }</pre>
   */
  public static int fromPool(boolean highPriority, int device, MemorySegment result) {
    try {
      return (int) FromPool.HANDLE.invokeExact(highPriority, device, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class NewGuard {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, ADDRESS);
    static final @Nullable MethodHandle HANDLE =
        C.optional("aoti_torch_create_cuda_stream_guard", DESCRIPTOR);
  }

  /**
   * Makes a stream current for this thread until the guard is deleted.
   *
   * <pre>{@code
   * int32_t aoti_torch_create_cuda_stream_guard(jlora_stream stream, int32_t device,
   *                                             jlora_guard *result);
   * }</pre>
   */
  public static int newGuard(long stream, int device, MemorySegment result) {
    try {
      return (int) NewGuard.HANDLE.invokeExact(stream, device, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class DeleteGuard {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
    static final @Nullable MethodHandle HANDLE =
        C.optional("aoti_torch_delete_cuda_stream_guard", DESCRIPTOR);
  }

  /**
   * Deletes a guard, which restores the previous stream.
   *
   * <pre>{@code
   * int32_t aoti_torch_delete_cuda_stream_guard(jlora_guard guard);
   * }</pre>
   */
  public static int deleteGuard(long guard) {
    try {
      return (int) DeleteGuard.HANDLE.invokeExact(guard);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Synchronize {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT);
    static final @Nullable MethodHandle HANDLE =
        C.optional("torch_cuda_stream_synchronize", DESCRIPTOR);
  }

  /**
   * Waits for all work queued on a stream.
   *
   * <pre>{@code
   * int32_t torch_cuda_stream_synchronize(jlora_stream stream, int32_t device);
   * }</pre>
   */
  public static int synchronize(long stream, int device) {
    try {
      return (int) Synchronize.HANDLE.invokeExact(stream, device);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class NewEvent {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);
    static final @Nullable MethodHandle HANDLE = C.optional("cudaEventCreateWithFlags", DESCRIPTOR);
  }

  /**
   * Creates an event on this thread's device; flag 2: without timing.
   *
   * <pre>{@code
   * int32_t cudaEventCreateWithFlags(jlora_event *result, uint32_t flags);
   * }</pre>
   */
  public static int newEvent(MemorySegment result, int flags) {
    try {
      return (int) NewEvent.HANDLE.invokeExact(result, flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Record {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG);
    static final @Nullable MethodHandle HANDLE = C.optional("cudaEventRecord", DESCRIPTOR);
  }

  /**
   * Records an event: it completes when the work queued so far is done.
   *
   * <pre>{@code
   * int32_t cudaEventRecord(jlora_event event, jlora_stream stream);
   * }</pre>
   */
  public static int record(long event, long stream) {
    try {
      return (int) Record.HANDLE.invokeExact(event, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Await {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    static final @Nullable MethodHandle HANDLE = C.optional("cudaStreamWaitEvent", DESCRIPTOR);
  }

  /**
   * Makes later work of the stream wait for the event, without blocking the host. flags must be 0.
   *
   * <pre>{@code
   * int32_t cudaStreamWaitEvent(jlora_stream stream, jlora_event event, uint32_t flags);
   * }</pre>
   */
  public static int await(long stream, long event, int flags) {
    try {
      return (int) Await.HANDLE.invokeExact(stream, event, flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class DeleteEvent {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
    static final @Nullable MethodHandle HANDLE = C.optional("cudaEventDestroy", DESCRIPTOR);
  }

  /**
   * Destroys an event.
   *
   * <pre>{@code
   * int32_t cudaEventDestroy(jlora_event event);
   * }</pre>
   */
  public static int deleteEvent(long event) {
    try {
      return (int) DeleteEvent.HANDLE.invokeExact(event);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
