package dev.jlora.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Native scratch memory for the tiles of one thread, reused from call to call: a kernel requests
 * everything it needs at once and need not clear it. It grows to the largest request and lives as
 * long as the process; with tiles sized for a core's cache that is a few megabytes per thread.
 */
final class Scratch {
  private static final int ALIGNMENT = 64;
  private static final ThreadLocal<Scratch> LOCAL = ThreadLocal.withInitial(Scratch::new);

  private Arena arena = Arena.ofAuto();
  private MemorySegment memory = MemorySegment.NULL;
  private long used;

  private Scratch() {}

  /** The calling thread's memory, all of it free again. */
  static Scratch reset(long floats) {
    Scratch scratch = LOCAL.get();
    long bytes = floats * Float.BYTES + 8L * ALIGNMENT;
    if (scratch.memory.byteSize() < bytes) {
      scratch.arena = Arena.ofAuto();
      scratch.memory = scratch.arena.allocate(bytes, ALIGNMENT);
    }
    scratch.used = 0;
    return scratch;
  }

  /** The next {@code count} floats, uninitialized, aligned to a cache line. */
  MemorySegment floats(long count) {
    long bytes = (count * Float.BYTES + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    MemorySegment part = memory.asSlice(used, bytes);
    used += bytes;
    return part;
  }
}
