package dev.jlora.cuda;

import static dev.jlora.ffi.cuda.CudaValues.CU_POINTER_ATTRIBUTE_BUFFER_ID;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Detects whether libtorch's allocator has returned cached memory to the driver. It does so when
 * the GPU is full, and then returns all unused blocks at once, so one unused block is enough to
 * detect it. The driver numbers its allocations and never reuses a number.
 */
final class PoolWatch {
  private final Cuda cuda;
  private final long address;
  private final long number;

  /**
   * @param address in a block that libtorch caches and no other code requests
   */
  PoolWatch(Cuda cuda, long address) {
    this.cuda = cuda;
    this.address = address;
    this.number = number();
  }

  /** Whether the block is still the original one. */
  boolean intact() {
    return number != 0 && number() == number;
  }

  /** The number of the allocation at the address; 0 if there is none. */
  private long number() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      int code = cuda.memory().pointerGetAttribute(out, CU_POINTER_ATTRIBUTE_BUFFER_ID, address);
      return code == 0 ? out.get(JAVA_LONG, 0) : 0;
    }
  }
}
