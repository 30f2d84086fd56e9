package dev.jlora.spec;

import java.util.Map;

/**
 * The schedule of the learning rate.
 *
 * @param name a schedule contributed by a plugin: {@code linear} (default), {@code cosine}, {@code
 *     constant}
 * @param warmupSteps steps over which the learning rate rises from 0; default 0
 * @param warmupRatio warm-up steps as a fraction of all steps, used if {@code warmupSteps} is 0;
 *     default 0
 * @param parameters specific to this schedule, see {@link PartSpec#parameters}; default none
 */
public record ScheduleSpec(
    String name, int warmupSteps, double warmupRatio, Map<String, Object> parameters)
    implements PartSpec {

  public ScheduleSpec {
    parameters = PartParameters.copy(parameters);
    PartParameters.check(Problems.in("schedule"), ScheduleSpec.class, parameters)
        .unless(!name.isBlank(), "name: got none, expected a schedule such as linear")
        .unless(warmupSteps >= 0, "warmup_steps: got %d, expected 0 or more", warmupSteps)
        .unless(
            warmupRatio >= 0 && warmupRatio < 1,
            "warmup_ratio: got %s, expected 0 or more and less than 1 (a share of all steps)",
            warmupRatio)
        .unless(
            warmupSteps == 0 || warmupRatio == 0,
            "warmup_ratio: got %s together with schedule.warmup_steps %d, expected only one of"
                + " them",
            warmupRatio,
            warmupSteps)
        .throwIfAny();
  }

  /** A schedule without parameters of its own. */
  public ScheduleSpec(String name, int warmupSteps, double warmupRatio) {
    this(name, warmupSteps, warmupRatio, Map.of());
  }

  public static ScheduleSpec defaults() {
    return of("linear");
  }

  /** A schedule without warm-up. */
  public static ScheduleSpec of(String name) {
    return new ScheduleSpec(name, 0, 0);
  }

  public ScheduleSpec withWarmupSteps(int steps) {
    return new ScheduleSpec(name, steps, 0, parameters);
  }

  public ScheduleSpec withWarmupRatio(double ratio) {
    return new ScheduleSpec(name, 0, ratio, parameters);
  }

  /** Another schedule with the same warm-up and parameters. */
  public ScheduleSpec withName(String name) {
    return new ScheduleSpec(name, warmupSteps, warmupRatio, parameters);
  }

  /** Replaces the schedule's own parameters. */
  public ScheduleSpec withParameters(Map<String, ?> parameters) {
    return new ScheduleSpec(name, warmupSteps, warmupRatio, PartParameters.copy(parameters));
  }

  /** Replaces the parameters by those of a record from the plugin. */
  public ScheduleSpec withParameters(Spec parameters) {
    return withParameters(parameters.toMap());
  }

  @Override
  public String kind() {
    return "schedule";
  }

  /** The warm-up steps of a run; a fraction is rounded up, as in transformers. */
  public long warmupSteps(long totalSteps) {
    return warmupSteps > 0 ? warmupSteps : (long) Math.ceil(warmupRatio * totalSteps);
  }

  @Override
  public String toString() {
    return json();
  }
}
