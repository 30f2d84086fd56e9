package dev.jlora.cuda;

import static dev.jlora.ffi.cuda.CudaValues.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.cuda.CudaStreams;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Work that was recorded once and is queued again by one call. It reads and writes the addresses
 * that it was recorded with: whoever records keeps that memory for as long as the graph is used.
 * Its owner closes it.
 */
public final class Graph implements AutoCloseable {
  private final CudaStreams streams;
  private final long executable;
  private boolean closed;

  private Graph(CudaStreams streams, long executable) {
    this.streams = streams;
    this.executable = executable;
  }

  /**
   * Records what {@code work} queues on a stream; none of it runs. Nothing in it may wait for the
   * card, or read from it.
   *
   * @param stream not the default one
   * @throws CudaException if something in the work cannot be recorded; the stream is as before then
   */
  public static Graph record(Cuda cuda, Stream stream, Runnable work) {
    CudaStreams streams = cuda.streams();
    Cuda.check(
        streams.streamBeginCapture(stream.handle(), CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
        "cuStreamBeginCapture");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      try {
        work.run();
      } catch (RuntimeException | Error e) {
        discard(streams, stream, out);
        throw e;
      }
      Cuda.check(streams.streamEndCapture(stream.handle(), out), "cuStreamEndCapture");
      long graph = out.get(JAVA_LONG, 0);
      int code = streams.graphInstantiate(out, graph, 0);
      long executable = out.get(JAVA_LONG, 0);
      Cuda.check(streams.graphDestroy(graph), "cuGraphDestroy");
      Cuda.check(code, "cuGraphInstantiate");
      return new Graph(streams, executable);
    }
  }

  /** Ends a recording that failed; what is told is why it failed, not what ending it says. */
  private static void discard(CudaStreams streams, Stream stream, MemorySegment out) {
    if (streams.streamEndCapture(stream.handle(), out) == 0 && out.get(JAVA_LONG, 0) != 0) {
      int _ = streams.graphDestroy(out.get(JAVA_LONG, 0));
    }
  }

  /** Queues the work once more. */
  public void launch(Stream stream) {
    Cuda.check(streams.graphLaunch(executable, stream.handle()), "cuGraphLaunch");
  }

  /** Frees it; twice is as good as once. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Cuda.check(streams.graphExecDestroy(executable), "cuGraphExecDestroy");
    }
  }
}
