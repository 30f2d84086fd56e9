package dev.jlora.cuda;

import static dev.jlora.ffi.cuda.CudaValues.CU_POINTER_ATTRIBUTE_BUFFER_ID;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Sees whether libtorch's allocator has given memory back that it kept for later. It does so when
 * the card is full, and then with all that is unused at once: so one unused block tells for all.
 * The driver numbers each of its allocations, and never gives a number twice.
 */
final class PoolWatch {
  private final Cuda cuda;
  private final long address;
  private final long number;

  /**
   * @param address in a block that libtorch keeps and nobody will ask for
   */
  PoolWatch(Cuda cuda, long address) {
    this.cuda = cuda;
    this.address = address;
    this.number = number();
  }

  /** Whether the block is still the one it was. */
  boolean intact() {
    return number != 0 && number() == number;
  }

  /** The number of the allocation at the address; 0 where there is none. */
  private long number() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      int code = cuda.memory().pointerGetAttribute(out, CU_POINTER_ATTRIBUTE_BUFFER_ID, address);
      return code == 0 ? out.get(JAVA_LONG, 0) : 0;
    }
  }
}
