package dev.jlora.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
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
 * The CUDA driver: memory of the card, pinned memory of the host, copies. What is returned is 0 or
 * an error code, unless a method says otherwise.
 */
public final class CudaMemory extends BoundLibrary {
  /** Binds against a library, or against whatever else has its functions. */
  public CudaMemory(SymbolLookup symbols) {
    super(symbols, Library.DRIVER);
  }

  /**
   * Binds against the library of this machine.
   *
   * @throws dev.jlora.natives.NativeLoadException if it is missing
   */
  public static CudaMemory load() {
    return new CudaMemory(CudaLibraries.driver());
  }

  private final MethodHandle getInfo = function("cuMemGetInfo_v2", JAVA_INT, ADDRESS, ADDRESS);

  /** Free and total bytes of the context's device. */
  public int getInfo(MemorySegment free, MemorySegment total) {
    try {
      return (int) getInfo.invokeExact(free, total);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle alloc = function("cuMemAlloc_v2", JAVA_INT, ADDRESS, JAVA_LONG);

  /** Memory of the card, outside libtorch's own allocator. */
  public int alloc(MemorySegment address, long bytes) {
    try {
      return (int) alloc.invokeExact(address, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle free = function("cuMemFree_v2", JAVA_INT, JAVA_LONG);

  /** Frees it. */
  public int free(long address) {
    try {
      return (int) free.invokeExact(address);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle hostAlloc =
      function("cuMemHostAlloc", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);

  /** Pinned memory of the host: copies from it run beside the computer's other work. */
  public int hostAlloc(MemorySegment memory, long bytes, int flags) {
    try {
      return (int) hostAlloc.invokeExact(memory, bytes, flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle freeHost = function("cuMemFreeHost", JAVA_INT, ADDRESS);

  /** Frees it. */
  public int freeHost(MemorySegment memory) {
    try {
      return (int) freeHost.invokeExact(memory);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle hostRegister =
      function("cuMemHostRegister_v2", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);

  /** Pins memory that is there already. */
  public int hostRegister(MemorySegment memory, long bytes, int flags) {
    try {
      return (int) hostRegister.invokeExact(memory, bytes, flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle hostUnregister = function("cuMemHostUnregister", JAVA_INT, ADDRESS);

  /** Undoes that. */
  public int hostUnregister(MemorySegment memory) {
    try {
      return (int) hostUnregister.invokeExact(memory);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle copyAsync =
      function("cuMemcpyAsync", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  /** Queues a copy between any two memories that the card sees. */
  public int copyAsync(long to, long from, long bytes, long stream) {
    try {
      return (int) copyAsync.invokeExact(to, from, bytes, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle copyHtoDAsync =
      function("cuMemcpyHtoDAsync_v2", JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG);

  /** Queues a copy to the card; truly asynchronous from pinned memory alone. */
  public int copyHtoDAsync(long to, MemorySegment from, long bytes, long stream) {
    try {
      return (int) copyHtoDAsync.invokeExact(to, from, bytes, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle copyDtoHAsync =
      function("cuMemcpyDtoHAsync_v2", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  /** Queues a copy from the card. */
  public int copyDtoHAsync(MemorySegment to, long from, long bytes, long stream) {
    try {
      return (int) copyDtoHAsync.invokeExact(to, from, bytes, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle pointerGetAttribute =
      function("cuPointerGetAttribute", JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);

  /** One fact about the memory at an address: CU_POINTER_ATTRIBUTE_... */
  public int pointerGetAttribute(MemorySegment value, int attribute, long at) {
    try {
      return (int) pointerGetAttribute.invokeExact(value, attribute, at);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle setD8Async =
      function("cuMemsetD8Async", JAVA_INT, JAVA_LONG, JAVA_BYTE, JAVA_LONG, JAVA_LONG);

  /** Queues a fill with bytes. */
  public int setD8Async(long to, byte value, long bytes, long stream) {
    try {
      return (int) setD8Async.invokeExact(to, value, bytes, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function of this class; needs no library. */
  public static Map<String, FunctionDescriptor> declarations() {
    return new CudaMemory(name -> Optional.empty()).declared();
  }
}
