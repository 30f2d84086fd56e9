package dev.jlora.tensor;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.LibC;
import dev.jlora.profile.ProcessUsage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Resource usage of this process as counted by the operating system. */
public final class ProcessCounters {
  private static final int SELF = 0;
  private static final int RUSAGE_BYTES = 256; // 144 on Linux, and room
  private static final int USER_TIME = 0;
  private static final int SYSTEM_TIME = 16;
  private static final int MINOR_FAULTS = 64;
  private static final int MAJOR_FAULTS = 72;

  private ProcessCounters() {}

  /** The counters since the process started; zeros if the system has none. */
  public static ProcessUsage now() {
    if (!LibC.hasGetrusage()) {
      return ProcessUsage.NONE;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment usage = arena.allocate(RUSAGE_BYTES, Long.BYTES);
      return LibC.getrusage(SELF, usage) != 0
          ? ProcessUsage.NONE
          : new ProcessUsage(
              usage.get(JAVA_LONG, MINOR_FAULTS),
              usage.get(JAVA_LONG, MAJOR_FAULTS),
              nanos(usage, USER_TIME),
              nanos(usage, SYSTEM_TIME));
    }
  }

  /** A {@code struct timeval}: seconds and microseconds. */
  private static long nanos(MemorySegment usage, int offset) {
    long seconds = usage.get(JAVA_LONG, offset);
    long micros = usage.get(JAVA_LONG, offset + Long.BYTES);
    return seconds * 1_000_000_000 + micros * 1_000;
  }
}
