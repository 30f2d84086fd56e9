package dev.jlora.spi;

import dev.jlora.spec.ScheduleSpec;

/** Creates the {@link Schedule} of a run. A plugin binds it by its name. */
@PartKind("schedule")
public interface ScheduleFactory extends Parameterized {

  /** The name in jobs, such as {@code linear}. */
  String name();

  /**
   * The schedule of a run.
   *
   * @param warmupSteps optimizer steps over which the learning rate rises linearly from 0
   * @param totalSteps optimizer steps of the whole run, including the warm-up
   */
  Schedule create(long warmupSteps, long totalSteps);

  /**
   * The schedule of a run, with its own parameters; implemented by schedules that have any.
   *
   * @param totalSteps optimizer steps of the whole run, including the warm-up
   */
  default Schedule create(ScheduleSpec spec, long totalSteps) {
    return create(spec.warmupSteps(totalSteps), totalSteps);
  }
}
