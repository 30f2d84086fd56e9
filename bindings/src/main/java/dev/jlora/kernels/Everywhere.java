package dev.jlora.kernels;

import java.lang.foreign.MemorySegment;

/** All native memory, by address: for rows that strides scatter. */
final class Everywhere {
  static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private Everywhere() {}
}
