package dev.jlora.cuda;

import static dev.jlora.ffi.cuda.CudaValues.CU_EVENT_DEFAULT;
import static dev.jlora.ffi.cuda.CudaValues.CU_EVENT_DISABLE_TIMING;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.cuda.CudaStreams;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A mark in the work of a stream, to wait for or to measure between; its owner closes it. */
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

  /** One that takes the time, on this thread's card. */
  public static Event timing(Cuda cuda) {
    return new Event(cuda, CU_EVENT_DEFAULT);
  }

  /** One that only orders work: cheaper. */
  public static Event ordering(Cuda cuda) {
    return new Event(cuda, CU_EVENT_DISABLE_TIMING);
  }

  /** Marks the work that is queued so far. */
  public void record(Stream stream) {
    Cuda.check(streams.eventRecord(handle, stream.handle()), "cuEventRecord");
  }

  /** Lets what is queued on a stream from now on wait for the mark; the caller does not wait. */
  public void holdBack(Stream stream) {
    Cuda.check(streams.streamWaitEvent(stream.handle(), handle, 0), "cuStreamWaitEvent");
  }

  /** Whether the work before the mark is done. */
  public boolean done() {
    int code = streams.eventQuery(handle);
    if (code == CudaError.CUDA_ERROR_NOT_READY.code()) {
      return false;
    }
    Cuda.check(code, "cuEventQuery");
    return true;
  }

  /** Waits for the work before the mark. */
  public void await() {
    Cuda.check(streams.eventSynchronize(handle), "cuEventSynchronize");
  }

  /** Milliseconds from another mark to this one; both are done, and both take the time. */
  public double millisecondsSince(Event start) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_FLOAT);
      Cuda.check(streams.eventElapsedTime(out, start.handle, handle), "cuEventElapsedTime");
      return out.get(JAVA_FLOAT, 0);
    }
  }

  /** Frees it; twice is as good as once. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Cuda.check(streams.eventDestroy(handle), "cuEventDestroy");
    }
  }
}
