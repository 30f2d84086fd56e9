package dev.jlora.profile;

/**
 * Resource usage of this process, all threads together, as counted by the operating system.
 *
 * @param minorFaults page faults served without disk access
 * @param majorFaults page faults that read from disk
 * @param userNanos processor time outside the kernel
 * @param systemNanos processor time in the kernel, including page faults
 */
public record ProcessUsage(long minorFaults, long majorFaults, long userNanos, long systemNanos) {
  /** All zero; also used if the system has no counters. */
  public static final ProcessUsage NONE = new ProcessUsage(0, 0, 0, 0);

  /** The difference to an earlier reading. */
  public ProcessUsage since(ProcessUsage earlier) {
    return new ProcessUsage(
        minorFaults - earlier.minorFaults,
        majorFaults - earlier.majorFaults,
        userNanos - earlier.userNanos,
        systemNanos - earlier.systemNanos);
  }
}
