package dev.jlora.cuda;

import static dev.jlora.ffi.cuda.CudaValues.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.cuda.CudaStreams;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A CUDA graph: captured work that is launched with one call. It uses the addresses it was captured
 * with; the caller keeps that memory valid while the graph is used. The owner closes it.
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
   * Captures the work that {@code work} queues on a stream, without running it. The work must
   * neither wait for the GPU nor read from it.
   *
   * @param stream not the default one
   * @throws CudaException if something in the work cannot be captured; the stream is then unchanged
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

  /** Ends a failed capture; the original error is reported, not that of ending it. */
  private static void discard(CudaStreams streams, Stream stream, MemorySegment out) {
    if (streams.streamEndCapture(stream.handle(), out) == 0 && out.get(JAVA_LONG, 0) != 0) {
      int _ = streams.graphDestroy(out.get(JAVA_LONG, 0));
    }
  }

  /** Number of kernels, copies and fills. */
  public int nodes() {
    return nodes;
  }

  /** Launches the graph. */
  public void launch(Stream stream) {
    Cuda.check(streams.graphLaunch(executable, stream.handle()), "cuGraphLaunch");
  }

  /** Frees the graph. Idempotent. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Cuda.check(streams.graphExecDestroy(executable), "cuGraphExecDestroy");
    }
  }
}
