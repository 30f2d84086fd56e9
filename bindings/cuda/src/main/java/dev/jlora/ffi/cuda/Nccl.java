// Generated from bindings/cuda/src/main/c/jlora_cuda.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/**
 * NCCL: collective operations of several GPUs, declared for training on more than one. Methods
 * return 0 or an error code, unless stated otherwise.
 */
public final class Nccl extends BoundLibrary {
  private static final MemoryLayout JLORA_NCCL_ID =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(128, JAVA_BYTE));

  /** Binds against a library, or against whatever else has its functions. */
  public Nccl(SymbolLookup symbols) {
    super(symbols, Library.NCCL);
  }

  /**
   * Binds against the library of this machine.
   *
   * @throws dev.jlora.natives.NativeLoadException if it is missing
   */
  public static Nccl load() {
    return new Nccl(Library.NCCL.symbols());
  }

  private static final FunctionDescriptor GET_VERSION = FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle getVersion = function("ncclGetVersion", GET_VERSION);

  /**
   * The version: 10000 * major + 100 * minor + patch.
   *
   * <pre>{@code
   * int32_t ncclGetVersion(int32_t *version);
   * }</pre>
   */
  public int getVersion(MemorySegment version) {
    try {
      return (int) getVersion.invokeExact(version);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_UNIQUE_ID = FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle getUniqueId = function("ncclGetUniqueId", GET_UNIQUE_ID);

  /**
   * Creates the id that all ranks of a communicator share.
   *
   * <pre>{@code
   * int32_t ncclGetUniqueId(jlora_nccl_id *id);
   * }</pre>
   */
  public int getUniqueId(MemorySegment id) {
    try {
      return (int) getUniqueId.invokeExact(id);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor COMM_INIT_RANK =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JLORA_NCCL_ID, JAVA_INT);
  private final MethodHandle commInitRank = function("ncclCommInitRank", COMM_INIT_RANK);

  /**
   * Joins a communicator with this thread's device; returns when all ranks have joined.
   *
   * <pre>{@code
   * int32_t ncclCommInitRank(jlora_communicator *communicator, int32_t ranks, jlora_nccl_id id,
   *                          int32_t rank);
   * }</pre>
   */
  public int commInitRank(MemorySegment communicator, int ranks, MemorySegment id, int rank) {
    try {
      return (int) commInitRank.invokeExact(communicator, ranks, id, rank);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor COMM_DESTROY = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle commDestroy = function("ncclCommDestroy", COMM_DESTROY);

  /**
   * Destroys a communicator after its work is done.
   *
   * <pre>{@code
   * int32_t ncclCommDestroy(jlora_communicator communicator);
   * }</pre>
   */
  public int commDestroy(long communicator) {
    try {
      return (int) commDestroy.invokeExact(communicator);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor COMM_ABORT = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle commAbort = function("ncclCommAbort", COMM_ABORT);

  /**
   * Destroys a communicator without waiting.
   *
   * <pre>{@code
   * int32_t ncclCommAbort(jlora_communicator communicator);
   * }</pre>
   */
  public int commAbort(long communicator) {
    try {
      return (int) commAbort.invokeExact(communicator);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor COMM_GET_ASYNC_ERROR =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
  private final MethodHandle commGetAsyncError =
      function("ncclCommGetAsyncError", COMM_GET_ASYNC_ERROR);

  /**
   * The error of asynchronous work.
   *
   * <pre>{@code
   * int32_t ncclCommGetAsyncError(jlora_communicator communicator, int32_t *code);
   * }</pre>
   */
  public int commGetAsyncError(long communicator, MemorySegment code) {
    try {
      return (int) commGetAsyncError.invokeExact(communicator, code);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor ALL_REDUCE =
      FunctionDescriptor.of(
          JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private final MethodHandle allReduce = function("ncclAllReduce", ALL_REDUCE);

  /**
   * Reduces the values of all ranks, for all ranks: NCCL_FLOAT..., NCCL_SUM...
   *
   * <pre>{@code
   * int32_t ncclAllReduce(jlora_address send, jlora_address receive, size_t count, int32_t type,
   *                       int32_t operation, jlora_communicator communicator, jlora_stream stream);
   * }</pre>
   */
  public int allReduce(
      long send,
      long receive,
      long count,
      int type,
      int operation,
      long communicator,
      long stream) {
    try {
      return (int)
          allReduce.invokeExact(send, receive, count, type, operation, communicator, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor REDUCE_SCATTER =
      FunctionDescriptor.of(
          JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private final MethodHandle reduceScatter = function("ncclReduceScatter", REDUCE_SCATTER);

  /**
   * Reduces the values of all ranks; each rank receives its own count of them.
   *
   * <pre>{@code
   * int32_t ncclReduceScatter(jlora_address send, jlora_address receive, size_t count, int32_t type,
   *                           int32_t operation, jlora_communicator communicator, jlora_stream stream);
   * }</pre>
   */
  public int reduceScatter(
      long send,
      long receive,
      long count,
      int type,
      int operation,
      long communicator,
      long stream) {
    try {
      return (int)
          reduceScatter.invokeExact(send, receive, count, type, operation, communicator, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor ALL_GATHER =
      FunctionDescriptor.of(
          JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private final MethodHandle allGather = function("ncclAllGather", ALL_GATHER);

  /**
   * Concatenates the count values of all ranks, for all ranks.
   *
   * <pre>{@code
   * int32_t ncclAllGather(jlora_address send, jlora_address receive, size_t count, int32_t type,
   *                       jlora_communicator communicator, jlora_stream stream);
   * }</pre>
   */
  public int allGather(
      long send, long receive, long count, int type, long communicator, long stream) {
    try {
      return (int) allGather.invokeExact(send, receive, count, type, communicator, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor BROADCAST =
      FunctionDescriptor.of(
          JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private final MethodHandle broadcast = function("ncclBroadcast", BROADCAST);

  /**
   * Copies the root's values to all ranks.
   *
   * <pre>{@code
   * int32_t ncclBroadcast(jlora_address send, jlora_address receive, size_t count, int32_t type,
   *                       int32_t root, jlora_communicator communicator, jlora_stream stream);
   * }</pre>
   */
  public int broadcast(
      long send, long receive, long count, int type, int root, long communicator, long stream) {
    try {
      return (int) broadcast.invokeExact(send, receive, count, type, root, communicator, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GROUP_START = FunctionDescriptor.of(JAVA_INT);
  private final MethodHandle groupStart = function("ncclGroupStart", GROUP_START);

  /**
   * Begins a group: the calls up to its end are queued as one.
   *
   * <pre>{@code
   * int32_t ncclGroupStart(void);
   * }</pre>
   */
  public int groupStart() {
    try {
      return (int) groupStart.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GROUP_END = FunctionDescriptor.of(JAVA_INT);
  private final MethodHandle groupEnd = function("ncclGroupEnd", GROUP_END);

  /**
   * Ends a group.
   *
   * <pre>{@code
   * int32_t ncclGroupEnd(void);
   * }</pre>
   */
  public int groupEnd() {
    try {
      return (int) groupEnd.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_ERROR_STRING =
      FunctionDescriptor.of(ADDRESS, JAVA_INT);
  private final MethodHandle getErrorString = function("ncclGetErrorString", GET_ERROR_STRING);

  /**
   * The description of an error code; a static string.
   *
   * <pre>{@code
   * const char *ncclGetErrorString(int32_t code);
   * }</pre>
   */
  public MemorySegment getErrorString(int code) {
    try {
      return (MemorySegment) getErrorString.invokeExact(code);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_LAST_ERROR =
      FunctionDescriptor.of(ADDRESS, JAVA_LONG);
  private final MethodHandle getLastError = function("ncclGetLastError", GET_LAST_ERROR);

  /**
   * The text of the last error, valid until the next one.
   *
   * <pre>{@code
   * const char *ncclGetLastError(jlora_communicator communicator);
   * }</pre>
   */
  public MemorySegment getLastError(long communicator) {
    try {
      return (MemorySegment) getLastError.invokeExact(communicator);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function of this class; needs no library. */
  public static Map<String, FunctionDescriptor> declarations() {
    return new Nccl(name -> Optional.empty()).declared();
  }
}
