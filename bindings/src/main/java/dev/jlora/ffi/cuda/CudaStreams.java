package dev.jlora.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.natives.CudaLibraries;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/**
 * The CUDA driver: streams, events, graphs. What is returned is 0 or an error code, unless a method
 * says otherwise.
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
    return new CudaStreams(CudaLibraries.driver());
  }

  private final MethodHandle streamCreate = function("cuStreamCreate", JAVA_INT, ADDRESS, JAVA_INT);

  /** A stream of its own: CU_STREAM_... */
  public int streamCreate(MemorySegment stream, int flags) {
    try {
      return (int) streamCreate.invokeExact(stream, flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle streamDestroy = function("cuStreamDestroy_v2", JAVA_INT, JAVA_LONG);

  /** Destroys it once its work is done. */
  public int streamDestroy(long stream) {
    try {
      return (int) streamDestroy.invokeExact(stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle streamSynchronize =
      function("cuStreamSynchronize", JAVA_INT, JAVA_LONG);

  /** Waits for the work of a stream. */
  public int streamSynchronize(long stream) {
    try {
      return (int) streamSynchronize.invokeExact(stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle streamQuery = function("cuStreamQuery", JAVA_INT, JAVA_LONG);

  /** CUDA_ERROR_NOT_READY while there is work. */
  public int streamQuery(long stream) {
    try {
      return (int) streamQuery.invokeExact(stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle streamWaitEvent =
      function("cuStreamWaitEvent", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);

  /** Lets later work of the stream wait for an event; flags are 0. */
  public int streamWaitEvent(long stream, long event, int flags) {
    try {
      return (int) streamWaitEvent.invokeExact(stream, event, flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle streamBeginCapture =
      function("cuStreamBeginCapture_v2", JAVA_INT, JAVA_LONG, JAVA_INT);

  /** From here on, work queued on the stream is recorded and not run: CU_STREAM_CAPTURE_MODE_... */
  public int streamBeginCapture(long stream, int mode) {
    try {
      return (int) streamBeginCapture.invokeExact(stream, mode);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle streamEndCapture =
      function("cuStreamEndCapture", JAVA_INT, JAVA_LONG, ADDRESS);

  /** Ends that; the graph is 0 if the capture was broken. */
  public int streamEndCapture(long stream, MemorySegment graph) {
    try {
      return (int) streamEndCapture.invokeExact(stream, graph);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle streamIsCapturing =
      function("cuStreamIsCapturing", JAVA_INT, JAVA_LONG, ADDRESS);

  /** Whether the stream is recorded: CU_STREAM_CAPTURE_STATUS_... */
  public int streamIsCapturing(long stream, MemorySegment status) {
    try {
      return (int) streamIsCapturing.invokeExact(stream, status);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle graphGetNodes =
      function("cuGraphGetNodes", JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS);

  /** How many nodes (kernels, copies, fills) a graph has; their handles unless nodes is NULL. */
  public int graphGetNodes(long graph, MemorySegment nodes, MemorySegment count) {
    try {
      return (int) graphGetNodes.invokeExact(graph, nodes, count);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle graphInstantiate =
      function("cuGraphInstantiateWithFlags", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);

  /** Makes a graph ready to launch. */
  public int graphInstantiate(MemorySegment exec, long graph, long flags) {
    try {
      return (int) graphInstantiate.invokeExact(exec, graph, flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle graphLaunch =
      function("cuGraphLaunch", JAVA_INT, JAVA_LONG, JAVA_LONG);

  /** Queues all of a graph's work. */
  public int graphLaunch(long exec, long stream) {
    try {
      return (int) graphLaunch.invokeExact(exec, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle graphExecDestroy = function("cuGraphExecDestroy", JAVA_INT, JAVA_LONG);

  /** Frees what was made ready. */
  public int graphExecDestroy(long exec) {
    try {
      return (int) graphExecDestroy.invokeExact(exec);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle graphDestroy = function("cuGraphDestroy", JAVA_INT, JAVA_LONG);

  /** Frees the recording. */
  public int graphDestroy(long graph) {
    try {
      return (int) graphDestroy.invokeExact(graph);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle eventCreate = function("cuEventCreate", JAVA_INT, ADDRESS, JAVA_INT);

  /** An event: CU_EVENT_... */
  public int eventCreate(MemorySegment event, int flags) {
    try {
      return (int) eventCreate.invokeExact(event, flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle eventRecord =
      function("cuEventRecord", JAVA_INT, JAVA_LONG, JAVA_LONG);

  /** Marks this place in the stream's work. */
  public int eventRecord(long event, long stream) {
    try {
      return (int) eventRecord.invokeExact(event, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle eventQuery = function("cuEventQuery", JAVA_INT, JAVA_LONG);

  /** CUDA_ERROR_NOT_READY until the work before the mark is done. */
  public int eventQuery(long event) {
    try {
      return (int) eventQuery.invokeExact(event);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle eventSynchronize = function("cuEventSynchronize", JAVA_INT, JAVA_LONG);

  /** Waits for the work before the mark. */
  public int eventSynchronize(long event) {
    try {
      return (int) eventSynchronize.invokeExact(event);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle eventElapsedTime =
      function("cuEventElapsedTime", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);

  /** Milliseconds between two marks that were both reached. */
  public int eventElapsedTime(MemorySegment milliseconds, long start, long end) {
    try {
      return (int) eventElapsedTime.invokeExact(milliseconds, start, end);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle eventDestroy = function("cuEventDestroy_v2", JAVA_INT, JAVA_LONG);

  /** Frees an event. */
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
