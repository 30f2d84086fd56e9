package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.natives.NativeTorch;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Streams of a GPU as libtorch hands them out, the events that order them, and host memory that a
 * GPU reads by itself. A build without CUDA has none of it: ask {@link #available} first. What is
 * returned is 0 for success. Streams and events are {@code long}.
 */
public final class LibTorchStreams {
  private static final Downcalls C = new Downcalls(NativeTorch.load().symbols());

  private static final @Nullable MethodHandle EMPTY_PINNED =
      C.optional(
          "aoti_torch_empty_strided_pinned",
          JAVA_INT,
          JAVA_LONG,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          ADDRESS);

  private static final @Nullable MethodHandle CURRENT =
      C.optional("aoti_torch_get_current_cuda_stream", JAVA_INT, JAVA_INT, ADDRESS);

  private static final @Nullable MethodHandle FROM_POOL =
      C.optional("torch_get_cuda_stream_from_pool", JAVA_INT, JAVA_BOOLEAN, JAVA_INT, ADDRESS);

  private static final @Nullable MethodHandle NEW_GUARD =
      C.optional("aoti_torch_create_cuda_stream_guard", JAVA_INT, JAVA_LONG, JAVA_INT, ADDRESS);

  private static final @Nullable MethodHandle DELETE_GUARD =
      C.optional("aoti_torch_delete_cuda_stream_guard", JAVA_INT, JAVA_LONG);

  private static final @Nullable MethodHandle SYNCHRONIZE =
      C.optional("torch_cuda_stream_synchronize", JAVA_INT, JAVA_LONG, JAVA_INT);

  private static final @Nullable MethodHandle NEW_EVENT =
      C.optional("cudaEventCreateWithFlags", JAVA_INT, ADDRESS, JAVA_INT);

  private static final @Nullable MethodHandle RECORD =
      C.optional("cudaEventRecord", JAVA_INT, JAVA_LONG, JAVA_LONG);

  private static final @Nullable MethodHandle WAIT =
      C.optional("cudaStreamWaitEvent", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);

  private static final @Nullable MethodHandle DELETE_EVENT =
      C.optional("cudaEventDestroy", JAVA_INT, JAVA_LONG);

  private LibTorchStreams() {}

  /** Whether this build has all that a second stream takes. */
  public static boolean available() {
    return EMPTY_PINNED != null
        && CURRENT != null
        && FROM_POOL != null
        && NEW_GUARD != null
        && DELETE_GUARD != null
        && NEW_EVENT != null
        && RECORD != null
        && WAIT != null
        && DELETE_EVENT != null;
  }

  /** New uninitialized page-locked host memory, as a tensor on the CPU. */
  public static int emptyPinned(
      long rank, MemorySegment sizes, MemorySegment strides, int dtype, MemorySegment out) {
    try {
      return (int) EMPTY_PINNED.invokeExact(rank, sizes, strides, dtype, 0, 0, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** The stream that this thread's operators are queued on; borrowed. */
  public static int current(int device, MemorySegment out) {
    try {
      return (int) CURRENT.invokeExact(device, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** One of libtorch's own streams; borrowed. */
  public static int fromPool(int device, MemorySegment out) {
    try {
      return (int) FROM_POOL.invokeExact(false, device, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Makes a stream this thread's current one until the guard is deleted. */
  public static int newGuard(long stream, int device, MemorySegment out) {
    try {
      return (int) NEW_GUARD.invokeExact(stream, device, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Gives back the stream that was current before. */
  public static int deleteGuard(long guard) {
    try {
      return (int) DELETE_GUARD.invokeExact(guard);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Waits on the host until all that was queued on a stream is done. */
  public static int synchronize(long stream, int device) {
    try {
      return (int) SYNCHRONIZE.invokeExact(stream, device);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** A new event of this thread's device. */
  public static int newEvent(MemorySegment out, int flags) {
    try {
      return (int) NEW_EVENT.invokeExact(out, flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** The event happens when all that is queued on the stream so far is done. */
  public static int record(long event, long stream) {
    try {
      return (int) RECORD.invokeExact(event, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** What is queued on the stream from here on waits for the event; the host does not. */
  public static int await(long stream, long event) {
    try {
      return (int) WAIT.invokeExact(stream, event, 0);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Frees an event. */
  public static int deleteEvent(long event) {
    try {
      return (int) DELETE_EVENT.invokeExact(event);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function this class declares. */
  public static Map<String, FunctionDescriptor> declarations() {
    return C.declarations();
  }
}
