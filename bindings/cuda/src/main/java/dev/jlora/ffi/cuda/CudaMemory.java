// Generated from bindings/cuda/src/main/c/jlora_cuda.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/**
 * The CUDA driver: device memory, pinned host memory and copies. Methods return 0 or an error code,
 * unless stated otherwise.
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
    return new CudaMemory(Library.DRIVER.symbols());
  }

  private static final FunctionDescriptor GET_INFO =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS);
  private final MethodHandle getInfo = function("cuMemGetInfo_v2", GET_INFO);

  /**
   * Free and total bytes of the memory of the current context's device.
   *
   * <pre>{@code
   * int32_t cuMemGetInfo_v2(size_t *free, size_t *total);
   * }</pre>
   */
  public int getInfo(MemorySegment free, MemorySegment total) {
    try {
      return (int) getInfo.invokeExact(free, total);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor ALLOC =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG);
  private final MethodHandle alloc = function("cuMemAlloc_v2", ALLOC);

  /**
   * Allocates device memory, outside libtorch's allocator.
   *
   * <pre>{@code
   * int32_t cuMemAlloc_v2(jlora_address *address, size_t bytes);
   * }</pre>
   */
  public int alloc(MemorySegment address, long bytes) {
    try {
      return (int) alloc.invokeExact(address, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor FREE = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle free = function("cuMemFree_v2", FREE);

  /**
   * Frees device memory.
   *
   * <pre>{@code
   * int32_t cuMemFree_v2(jlora_address address);
   * }</pre>
   */
  public int free(long address) {
    try {
      return (int) free.invokeExact(address);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor HOST_ALLOC =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private final MethodHandle hostAlloc = function("cuMemHostAlloc", HOST_ALLOC);

  /**
   * Allocates pinned host memory, from which copies are asynchronous.
   *
   * <pre>{@code
   * int32_t cuMemHostAlloc(void **memory, size_t bytes, uint32_t flags);
   * }</pre>
   */
  public int hostAlloc(MemorySegment memory, long bytes, int flags) {
    try {
      return (int) hostAlloc.invokeExact(memory, bytes, flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor FREE_HOST = FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle freeHost = function("cuMemFreeHost", FREE_HOST);

  /**
   * Frees pinned host memory.
   *
   * <pre>{@code
   * int32_t cuMemFreeHost(void *memory);
   * }</pre>
   */
  public int freeHost(MemorySegment memory) {
    try {
      return (int) freeHost.invokeExact(memory);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor HOST_REGISTER =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private final MethodHandle hostRegister = function("cuMemHostRegister_v2", HOST_REGISTER);

  /**
   * Pins existing host memory.
   *
   * <pre>{@code
   * int32_t cuMemHostRegister_v2(void *memory, size_t bytes, uint32_t flags);
   * }</pre>
   */
  public int hostRegister(MemorySegment memory, long bytes, int flags) {
    try {
      return (int) hostRegister.invokeExact(memory, bytes, flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor HOST_UNREGISTER =
      FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle hostUnregister = function("cuMemHostUnregister", HOST_UNREGISTER);

  /**
   * Unpins memory that cuMemHostRegister pinned.
   *
   * <pre>{@code
   * int32_t cuMemHostUnregister(void *memory);
   * }</pre>
   */
  public int hostUnregister(MemorySegment memory) {
    try {
      return (int) hostUnregister.invokeExact(memory);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor COPY_ASYNC =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private final MethodHandle copyAsync = function("cuMemcpyAsync", COPY_ASYNC);

  /**
   * Queues a copy between device addresses.
   *
   * <pre>{@code
   * int32_t cuMemcpyAsync(jlora_address to, jlora_address from, size_t bytes, jlora_stream stream);
   * }</pre>
   */
  public int copyAsync(long to, long from, long bytes, long stream) {
    try {
      return (int) copyAsync.invokeExact(to, from, bytes, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor COPY_HTO_DASYNC =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG);
  private final MethodHandle copyHtoDAsync = function("cuMemcpyHtoDAsync_v2", COPY_HTO_DASYNC);

  /**
   * Queues a copy to the device; asynchronous only from pinned memory.
   *
   * <pre>{@code
   * int32_t cuMemcpyHtoDAsync_v2(jlora_address to, const void *from, size_t bytes, jlora_stream stream);
   * }</pre>
   */
  public int copyHtoDAsync(long to, MemorySegment from, long bytes, long stream) {
    try {
      return (int) copyHtoDAsync.invokeExact(to, from, bytes, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor COPY_DTO_HASYNC =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private final MethodHandle copyDtoHAsync = function("cuMemcpyDtoHAsync_v2", COPY_DTO_HASYNC);

  /**
   * Queues a copy from the device.
   *
   * <pre>{@code
   * int32_t cuMemcpyDtoHAsync_v2(void *to, jlora_address from, size_t bytes, jlora_stream stream);
   * }</pre>
   */
  public int copyDtoHAsync(MemorySegment to, long from, long bytes, long stream) {
    try {
      return (int) copyDtoHAsync.invokeExact(to, from, bytes, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor POINTER_GET_ATTRIBUTE =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);
  private final MethodHandle pointerGetAttribute =
      function("cuPointerGetAttribute", POINTER_GET_ATTRIBUTE);

  /**
   * An attribute of the memory at an address: CU_POINTER_ATTRIBUTE_...
   *
   * <pre>{@code
   * int32_t cuPointerGetAttribute(void *value, int32_t attribute, jlora_address at);
   * }</pre>
   */
  public int pointerGetAttribute(MemorySegment value, int attribute, long at) {
    try {
      return (int) pointerGetAttribute.invokeExact(value, attribute, at);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor SET_D8_ASYNC =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_BYTE, JAVA_LONG, JAVA_LONG);
  private final MethodHandle setD8Async = function("cuMemsetD8Async", SET_D8_ASYNC);

  /**
   * Queues filling memory with a byte.
   *
   * <pre>{@code
   * int32_t cuMemsetD8Async(jlora_address to, uint8_t value, size_t bytes, jlora_stream stream);
   * }</pre>
   */
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
