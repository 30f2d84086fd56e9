package dev.jlora.spec;

import java.util.Map;

/**
 * How the learning rate moves over a run.
 *
 * @param name a schedule that a plugin brings: {@code linear} (default), {@code cosine}, {@code
 *     constant}
 * @param warmupSteps steps in which the rate rises from 0; default 0
 * @param warmupRatio the same as a share of all steps, used where {@code warmupSteps} is 0; default
 *     0
 * @param parameters those that the named schedule has beside these, see {@link
 *     PartSpec#parameters}; default none
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
            "warmup_ratio: got %s, expected 0 up to below 1 (a share of all steps)",
            warmupRatio)
        .unless(
            warmupSteps == 0 || warmupRatio == 0,
            "warmup_ratio: got %s beside schedule.warmup_steps %d, expected one of them",
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

  /** With these parameters of the named schedule's own in place of those it has. */
  public ScheduleSpec withParameters(Map<String, ?> parameters) {
    return new ScheduleSpec(name, warmupSteps, warmupRatio, PartParameters.copy(parameters));
  }

  /** With the parameters of a record that the plugin brings. */
  public ScheduleSpec withParameters(Spec parameters) {
    return withParameters(parameters.toMap());
  }

  @Override
  public String kind() {
    return "schedule";
  }

  /** The warm-up of a run of so many steps; a share is rounded up, as in transformers. */
  public long warmupSteps(long totalSteps) {
    return warmupSteps > 0 ? warmupSteps : (long) Math.ceil(warmupRatio * totalSteps);
  }

  @Override
  public String toString() {
    return json();
  }
}
