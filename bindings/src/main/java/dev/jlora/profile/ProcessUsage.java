package dev.jlora.profile;

/**
 * What the operating system counted for this process, all threads together.
 *
 * @param minorFaults pages that had to be mapped, without a disk
 * @param majorFaults pages that had to be read
 * @param userNanos processor time outside the kernel
 * @param systemNanos processor time in the kernel; mapping pages is part of it
 */
public record ProcessUsage(long minorFaults, long majorFaults, long userNanos, long systemNanos) {
  /** Nothing counted, also where the system does not tell. */
  public static final ProcessUsage NONE = new ProcessUsage(0, 0, 0, 0);

  /** What was added since an earlier reading. */
  public ProcessUsage since(ProcessUsage earlier) {
    return new ProcessUsage(
        minorFaults - earlier.minorFaults,
        majorFaults - earlier.majorFaults,
        userNanos - earlier.userNanos,
        systemNanos - earlier.systemNanos);
  }
}
