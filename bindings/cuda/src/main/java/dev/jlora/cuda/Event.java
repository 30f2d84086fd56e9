package dev.jlora.cuda;

import static dev.jlora.ffi.cuda.CudaValues.CU_EVENT_DEFAULT;
import static dev.jlora.ffi.cuda.CudaValues.CU_EVENT_DISABLE_TIMING;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.cuda.CudaStreams;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A CUDA event: a mark in a stream to wait for or to measure between. The owner closes it. */
public final class Event implements AutoCloseable {
  private final CudaStreams streams;
  private final long handle;
  private boolean closed;

  private Event(Cuda cuda, int flags) {
    streams = cuda.streams();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      Cuda.check(streams.eventCreate(out, flags), "cuEventCreate");
      handle = out.get(JAVA_LONG, 0);
    }
  }

  /** An event with timing, on this thread's current GPU. */
  public static Event timing(Cuda cuda) {
    return new Event(cuda, CU_EVENT_DEFAULT);
  }

  /** An event without timing, which is cheaper. */
  public static Event ordering(Cuda cuda) {
    return new Event(cuda, CU_EVENT_DISABLE_TIMING);
  }

  /** Records the event after all work queued so far. */
  public void record(Stream stream) {
    Cuda.check(streams.eventRecord(handle, stream.handle()), "cuEventRecord");
  }

  /** Makes work queued on a stream from now on wait for the event; the caller does not wait. */
  public void holdBack(Stream stream) {
    Cuda.check(streams.streamWaitEvent(stream.handle(), handle, 0), "cuStreamWaitEvent");
  }

  /** Whether the work before the event is done. */
  public boolean done() {
    int code = streams.eventQuery(handle);
    if (code == CudaError.CUDA_ERROR_NOT_READY.code()) {
      return false;
    }
    Cuda.check(code, "cuEventQuery");
    return true;
  }

  /** Waits for the work before the event. */
  public void await() {
    Cuda.check(streams.eventSynchronize(handle), "cuEventSynchronize");
  }

  /** Milliseconds from another event to this one; both must be done and have timing. */
  public double millisecondsSince(Event start) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_FLOAT);
      Cuda.check(streams.eventElapsedTime(out, start.handle, handle), "cuEventElapsedTime");
      return out.get(JAVA_FLOAT, 0);
    }
  }

  /** Frees the event. Idempotent. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Cuda.check(streams.eventDestroy(handle), "cuEventDestroy");
    }
  }
}
