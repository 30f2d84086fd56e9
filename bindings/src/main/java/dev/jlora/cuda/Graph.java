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
  private final int nodes;
  private boolean closed;

  private Graph(CudaStreams streams, long executable, int nodes) {
    this.streams = streams;
    this.executable = executable;
    this.nodes = nodes;
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
      try {
        Cuda.check(streams.graphGetNodes(graph, MemorySegment.NULL, out), "cuGraphGetNodes");
        int nodes = Math.toIntExact(out.get(JAVA_LONG, 0));
        Cuda.check(streams.graphInstantiate(out, graph, 0), "cuGraphInstantiate");
        return new Graph(streams, out.get(JAVA_LONG, 0), nodes);
      } finally {
        Cuda.check(streams.graphDestroy(graph), "cuGraphDestroy");
      }
    }
  }

  /** Ends a recording that failed; what is told is why it failed, not what ending it says. */
  private static void discard(CudaStreams streams, Stream stream, MemorySegment out) {
    if (streams.streamEndCapture(stream.handle(), out) == 0 && out.get(JAVA_LONG, 0) != 0) {
      int _ = streams.graphDestroy(out.get(JAVA_LONG, 0));
    }
  }

  /** Kernels, copies and fills in it. */
  public int nodes() {
    return nodes;
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
