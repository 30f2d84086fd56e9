package dev.jlora.spi;

import dev.jlora.spec.ScheduleSpec;

/** Makes the {@link Schedule} of one run. Plugins bind it by its name. */
@PartKind("schedule")
public interface ScheduleFactory extends Parameterized {

  /** The name a job uses, such as {@code linear}. */
  String name();

  /**
   * The schedule of a run.
   *
   * @param warmupSteps optimizer steps in which the rate rises linearly from 0
   * @param totalSteps optimizer steps of the whole run, warm-up included
   */
  Schedule create(long warmupSteps, long totalSteps);

  /**
   * The schedule of a run, by the parameters of its own; a schedule that has some implements this.
   *
   * @param totalSteps optimizer steps of the whole run, warm-up included
   */
  default Schedule create(ScheduleSpec spec, long totalSteps) {
    return create(spec.warmupSteps(totalSteps), totalSteps);
  }
}
