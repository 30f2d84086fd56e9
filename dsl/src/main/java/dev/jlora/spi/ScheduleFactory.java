package dev.jlora.spi;

/** Makes the {@link Schedule} of one run. Plugins bind it by its name. */
public interface ScheduleFactory {

  /** The name a job uses, such as {@code linear}. */
  String label();

  /**
   * The schedule of a run.
   *
   * @param warmupSteps optimizer steps in which the rate rises linearly from 0
   * @param totalSteps optimizer steps of the whole run, warm-up included
   */
  Schedule create(long warmupSteps, long totalSteps);
}
