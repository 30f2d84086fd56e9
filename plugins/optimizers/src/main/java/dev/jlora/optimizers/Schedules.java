package dev.jlora.optimizers;

import dev.jlora.spi.Schedule;
import dev.jlora.spi.ScheduleFactory;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** The schedules of this plugin, with the formulas of Hugging Face transformers. */
public final class Schedules {
  /** The base learning rate after the warm-up. */
  public static final ScheduleFactory CONSTANT = new Factory("constant", _ -> 1);

  /** Linear decay from the base learning rate to 0. */
  public static final ScheduleFactory LINEAR =
      new Factory("linear", progress -> Math.max(0, 1 - progress));

  /** Decay from the base learning rate to 0 along half a cosine. */
  public static final ScheduleFactory COSINE =
      new Factory("cosine", progress -> Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress))));

  private Schedules() {}

  /** All schedules of this plugin. */
  public static List<ScheduleFactory> all() {
    return List.of(CONSTANT, LINEAR, COSINE);
  }

  /**
   * A schedule after a linear warm-up.
   *
   * @param afterWarmup the factor by the progress: 0 at the end of the warm-up, 1 at the last step
   */
  private record Factory(String name, DoubleUnaryOperator afterWarmup) implements ScheduleFactory {

    @Override
    public Schedule create(long warmupSteps, long totalSteps) {
      if (warmupSteps < 0 || totalSteps < 0) {
        throw new IllegalArgumentException(
            "Schedule %s: got %d warm-up steps of %d steps; expected 0 or more of each"
                .formatted(name, warmupSteps, totalSteps));
      }
      return step -> {
        if (step < warmupSteps) {
          return (double) step / Math.max(1, warmupSteps);
        }
        return afterWarmup.applyAsDouble(
            (double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
      };
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
