// Generated from bindings/cuda/src/main/c/jlora_cuda.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/**
 * The CUDA driver: streams, events and graphs. Methods return 0 or an error code, unless stated
 * otherwise.
 */
public final class CudaStreams extends BoundLibrary {
  /** Binds against a library, or against whatever else has its functions. */
  public CudaStreams(SymbolLookup symbols) {
    super(symbols, Library.DRIVER);
  }

  /**
   * Binds against the library of this machine.
   *
   * @throws dev.jlora.natives.NativeLoadException if it is missing
   */
  public static CudaStreams load() {
    return new CudaStreams(Library.DRIVER.symbols());
  }

  private static final FunctionDescriptor STREAM_CREATE =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);
  private final MethodHandle streamCreate = function("cuStreamCreate", STREAM_CREATE);

  /**
   * Creates a stream; flags: CU_STREAM_...
   *
   * <pre>{@code
   * int32_t cuStreamCreate(jlora_stream *stream, uint32_t flags);
   * }</pre>
   */
  public int streamCreate(MemorySegment stream, int flags) {
    try {
      return (int) streamCreate.invokeExact(stream, flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor STREAM_DESTROY =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle streamDestroy = function("cuStreamDestroy_v2", STREAM_DESTROY);

  /**
   * Destroys a stream once its work is done.
   *
   * <pre>{@code
   * int32_t cuStreamDestroy_v2(jlora_stream stream);
   * }</pre>
   */
  public int streamDestroy(long stream) {
    try {
      return (int) streamDestroy.invokeExact(stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor STREAM_SYNCHRONIZE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle streamSynchronize =
      function("cuStreamSynchronize", STREAM_SYNCHRONIZE);

  /**
   * Waits for all work queued on a stream.
   *
   * <pre>{@code
   * int32_t cuStreamSynchronize(jlora_stream stream);
   * }</pre>
   */
  public int streamSynchronize(long stream) {
    try {
      return (int) streamSynchronize.invokeExact(stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor STREAM_QUERY = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle streamQuery = function("cuStreamQuery", STREAM_QUERY);

  /**
   * Returns CUDA_ERROR_NOT_READY while the stream has unfinished work.
   *
   * <pre>{@code
   * int32_t cuStreamQuery(jlora_stream stream);
   * }</pre>
   */
  public int streamQuery(long stream) {
    try {
      return (int) streamQuery.invokeExact(stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor STREAM_WAIT_EVENT =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private final MethodHandle streamWaitEvent = function("cuStreamWaitEvent", STREAM_WAIT_EVENT);

  /**
   * Makes later work of the stream wait for an event; flags must be 0.
   *
   * <pre>{@code
   * int32_t cuStreamWaitEvent(jlora_stream stream, jlora_event event, uint32_t flags);
   * }</pre>
   */
  public int streamWaitEvent(long stream, long event, int flags) {
    try {
      return (int) streamWaitEvent.invokeExact(stream, event, flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor STREAM_BEGIN_CAPTURE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT);
  private final MethodHandle streamBeginCapture =
      function("cuStreamBeginCapture_v2", STREAM_BEGIN_CAPTURE);

  /**
   * Begins a capture: work queued on the stream is recorded, not run. CU_STREAM_CAPTURE_MODE_...
   *
   * <pre>{@code
   * int32_t cuStreamBeginCapture_v2(jlora_stream stream, int32_t mode);
   * }</pre>
   */
  public int streamBeginCapture(long stream, int mode) {
    try {
      return (int) streamBeginCapture.invokeExact(stream, mode);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor STREAM_END_CAPTURE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
  private final MethodHandle streamEndCapture = function("cuStreamEndCapture", STREAM_END_CAPTURE);

  /**
   * Ends a capture; the graph is 0 if the capture was invalidated.
   *
   * <pre>{@code
   * int32_t cuStreamEndCapture(jlora_stream stream, jlora_graph *graph);
   * }</pre>
   */
  public int streamEndCapture(long stream, MemorySegment graph) {
    try {
      return (int) streamEndCapture.invokeExact(stream, graph);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor STREAM_IS_CAPTURING =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
  private final MethodHandle streamIsCapturing =
      function("cuStreamIsCapturing", STREAM_IS_CAPTURING);

  /**
   * Whether a capture is active on the stream: CU_STREAM_CAPTURE_STATUS_...
   *
   * <pre>{@code
   * int32_t cuStreamIsCapturing(jlora_stream stream, int32_t *status);
   * }</pre>
   */
  public int streamIsCapturing(long stream, MemorySegment status) {
    try {
      return (int) streamIsCapturing.invokeExact(stream, status);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GRAPH_GET_NODES =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS);
  private final MethodHandle graphGetNodes = function("cuGraphGetNodes", GRAPH_GET_NODES);

  /**
   * The number of nodes (kernels, copies, fills) of a graph, and their handles unless null.
   *
   * <pre>{@code
   * int32_t cuGraphGetNodes(jlora_graph graph, jlora_graph_node *nodes, size_t *count);
   * }</pre>
   */
  public int graphGetNodes(long graph, MemorySegment nodes, MemorySegment count) {
    try {
      return (int) graphGetNodes.invokeExact(graph, nodes, count);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GRAPH_INSTANTIATE =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
  private final MethodHandle graphInstantiate =
      function("cuGraphInstantiateWithFlags", GRAPH_INSTANTIATE);

  /**
   * Creates an executable graph.
   *
   * <pre>{@code
   * int32_t cuGraphInstantiateWithFlags(jlora_graph_exec *exec, jlora_graph graph, uint64_t flags);
   * }</pre>
   */
  public int graphInstantiate(MemorySegment exec, long graph, long flags) {
    try {
      return (int) graphInstantiate.invokeExact(exec, graph, flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GRAPH_LAUNCH =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG);
  private final MethodHandle graphLaunch = function("cuGraphLaunch", GRAPH_LAUNCH);

  /**
   * Queues the work of an executable graph on a stream.
   *
   * <pre>{@code
   * int32_t cuGraphLaunch(jlora_graph_exec exec, jlora_stream stream);
   * }</pre>
   */
  public int graphLaunch(long exec, long stream) {
    try {
      return (int) graphLaunch.invokeExact(exec, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GRAPH_EXEC_DESTROY =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle graphExecDestroy = function("cuGraphExecDestroy", GRAPH_EXEC_DESTROY);

  /**
   * Destroys an executable graph.
   *
   * <pre>{@code
   * int32_t cuGraphExecDestroy(jlora_graph_exec exec);
   * }</pre>
   */
  public int graphExecDestroy(long exec) {
    try {
      return (int) graphExecDestroy.invokeExact(exec);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GRAPH_DESTROY =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle graphDestroy = function("cuGraphDestroy", GRAPH_DESTROY);

  /**
   * Destroys a graph.
   *
   * <pre>{@code
   * int32_t cuGraphDestroy(jlora_graph graph);
   * }</pre>
   */
  public int graphDestroy(long graph) {
    try {
      return (int) graphDestroy.invokeExact(graph);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor EVENT_CREATE =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);
  private final MethodHandle eventCreate = function("cuEventCreate", EVENT_CREATE);

  /**
   * Creates an event; flags: CU_EVENT_...
   *
   * <pre>{@code
   * int32_t cuEventCreate(jlora_event *event, uint32_t flags);
   * }</pre>
   */
  public int eventCreate(MemorySegment event, int flags) {
    try {
      return (int) eventCreate.invokeExact(event, flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor EVENT_RECORD =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG);
  private final MethodHandle eventRecord = function("cuEventRecord", EVENT_RECORD);

  /**
   * Records an event: it completes when the work queued so far is done.
   *
   * <pre>{@code
   * int32_t cuEventRecord(jlora_event event, jlora_stream stream);
   * }</pre>
   */
  public int eventRecord(long event, long stream) {
    try {
      return (int) eventRecord.invokeExact(event, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor EVENT_QUERY = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle eventQuery = function("cuEventQuery", EVENT_QUERY);

  /**
   * Returns CUDA_ERROR_NOT_READY until the event has completed.
   *
   * <pre>{@code
   * int32_t cuEventQuery(jlora_event event);
   * }</pre>
   */
  public int eventQuery(long event) {
    try {
      return (int) eventQuery.invokeExact(event);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor EVENT_SYNCHRONIZE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle eventSynchronize = function("cuEventSynchronize", EVENT_SYNCHRONIZE);

  /**
   * Waits until the event has completed.
   *
   * <pre>{@code
   * int32_t cuEventSynchronize(jlora_event event);
   * }</pre>
   */
  public int eventSynchronize(long event) {
    try {
      return (int) eventSynchronize.invokeExact(event);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor EVENT_ELAPSED_TIME =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
  private final MethodHandle eventElapsedTime = function("cuEventElapsedTime", EVENT_ELAPSED_TIME);

  /**
   * The time between two completed events, in milliseconds.
   *
   * <pre>{@code
   * int32_t cuEventElapsedTime(float *milliseconds, jlora_event start, jlora_event end);
   * }</pre>
   */
  public int eventElapsedTime(MemorySegment milliseconds, long start, long end) {
    try {
      return (int) eventElapsedTime.invokeExact(milliseconds, start, end);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor EVENT_DESTROY =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle eventDestroy = function("cuEventDestroy_v2", EVENT_DESTROY);

  /**
   * Destroys an event.
   *
   * <pre>{@code
   * int32_t cuEventDestroy_v2(jlora_event event);
   * }</pre>
   */
  public int eventDestroy(long event) {
    try {
      return (int) eventDestroy.invokeExact(event);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function of this class; needs no library. */
  public static Map<String, FunctionDescriptor> declarations() {
    return new CudaStreams(name -> Optional.empty()).declared();
  }
}
