package dev.jlora.spec;

/**
 * How the learning rate moves over a run.
 *
 * @param name a schedule that a plugin brings: {@code linear} (default), {@code cosine}, {@code
 *     constant}
 * @param warmupSteps steps in which the rate rises from 0; default 0
 * @param warmupRatio the same as a share of all steps, used where {@code warmupSteps} is 0; default
 *     0
 */
public record ScheduleSpec(String name, int warmupSteps, double warmupRatio) implements Spec {

  public ScheduleSpec {
    Problems.in("schedule")
        .unless(!name.isBlank(), "name: got none, expected a schedule such as linear")
        .unless(warmupSteps >= 0, "warmup_steps: got %d, expected 0 or more", warmupSteps)
        .unless(
            warmupRatio >= 0 && warmupRatio < 1,
            "warmup_ratio: got %s, expected 0 up to below 1 (a share of all steps)",
            warmupRatio)
        .unless(
            warmupSteps == 0 || warmupRatio == 0,
            "warmup_ratio: got %s beside warmup_steps %d, expected one of them",
            warmupRatio,
            warmupSteps)
        .throwIfAny();
  }

  public static ScheduleSpec defaults() {
    return of("linear");
  }

  /** A schedule without warm-up. */
  public static ScheduleSpec of(String name) {
    return new ScheduleSpec(name, 0, 0);
  }

  public ScheduleSpec withWarmupSteps(int steps) {
    return new ScheduleSpec(name, steps, 0);
  }

  public ScheduleSpec withWarmupRatio(double ratio) {
    return new ScheduleSpec(name, 0, ratio);
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
