package dev.jlora.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.natives.CudaLibraries;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/**
 * NCCL: sums and copies among several cards. Declared for training on more than one. What is
 * returned is 0 or an error code, unless a method says otherwise.
 */
public final class Nccl extends BoundLibrary {
  private static final MemoryLayout ID =
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
    return new Nccl(CudaLibraries.torch());
  }

  private final MethodHandle getVersion = function("ncclGetVersion", JAVA_INT, ADDRESS);

  /** 10000 * major + 100 * minor + patch. */
  public int getVersion(MemorySegment version) {
    try {
      return (int) getVersion.invokeExact(version);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getUniqueId = function("ncclGetUniqueId", JAVA_INT, ADDRESS);

  /** Makes the id that all ranks of a communicator need. */
  public int getUniqueId(MemorySegment id) {
    try {
      return (int) getUniqueId.invokeExact(id);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle commInitRank =
      function("ncclCommInitRank", JAVA_INT, ADDRESS, JAVA_INT, ID, JAVA_INT);

  /** Joins, on this thread's device; returns when all ranks have. */
  public int commInitRank(MemorySegment communicator, int ranks, MemorySegment id, int rank) {
    try {
      return (int) commInitRank.invokeExact(communicator, ranks, id, rank);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle commDestroy = function("ncclCommDestroy", JAVA_INT, JAVA_LONG);

  /** Leaves, after all work is done. */
  public int commDestroy(long communicator) {
    try {
      return (int) commDestroy.invokeExact(communicator);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle commAbort = function("ncclCommAbort", JAVA_INT, JAVA_LONG);

  /** Leaves at once. */
  public int commAbort(long communicator) {
    try {
      return (int) commAbort.invokeExact(communicator);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle commGetAsyncError =
      function("ncclCommGetAsyncError", JAVA_INT, JAVA_LONG, ADDRESS);

  /** What failed in the background. */
  public int commGetAsyncError(long communicator, MemorySegment code) {
    try {
      return (int) commGetAsyncError.invokeExact(communicator, code);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle allReduce =
      function(
          "ncclAllReduce",
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG);

  /** The reduction of all ranks' values, for all ranks: NCCL_FLOAT..., NCCL_SUM... */
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

  private final MethodHandle reduceScatter =
      function(
          "ncclReduceScatter",
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG);

  /** The same, each rank keeping its count values. */
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

  private final MethodHandle allGather =
      function(
          "ncclAllGather",
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG);

  /** All ranks' count values, for all ranks. */
  public int allGather(
      long send, long receive, long count, int type, long communicator, long stream) {
    try {
      return (int) allGather.invokeExact(send, receive, count, type, communicator, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle broadcast =
      function(
          "ncclBroadcast",
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG);

  /** The root's values, for all ranks. */
  public int broadcast(
      long send, long receive, long count, int type, int root, long communicator, long stream) {
    try {
      return (int) broadcast.invokeExact(send, receive, count, type, root, communicator, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle groupStart = function("ncclGroupStart", JAVA_INT);

  /** What one thread queues until the end belongs together. */
  public int groupStart() {
    try {
      return (int) groupStart.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle groupEnd = function("ncclGroupEnd", JAVA_INT);

  /** Ends that. */
  public int groupEnd() {
    try {
      return (int) groupEnd.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getErrorString = function("ncclGetErrorString", ADDRESS, JAVA_INT);

  /** What a code means, borrowed for good. */
  public MemorySegment getErrorString(int code) {
    try {
      return (MemorySegment) getErrorString.invokeExact(code);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getLastError = function("ncclGetLastError", ADDRESS, JAVA_LONG);

  /** The text of the last failure, borrowed until the next one. */
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
