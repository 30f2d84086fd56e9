package dev.jlora.optimizers;

import dev.jlora.spi.Schedule;
import dev.jlora.spi.ScheduleFactory;

/** The schedules of this plugin, with the formulas of Hugging Face transformers. */
public enum Schedules implements ScheduleFactory {
  /** The base learning rate after the warm-up. */
  CONSTANT("constant") {
    @Override
    double afterWarmup(double progress) {
      return 1;
    }
  },

  /** Linear decay from the base learning rate to 0. */
  LINEAR("linear") {
    @Override
    double afterWarmup(double progress) {
      return Math.max(0, 1 - progress);
    }
  },

  /** Decay from the base learning rate to 0 along half a cosine. */
  COSINE("cosine") {
    @Override
    double afterWarmup(double progress) {
      return Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
    }
  };

  private final String label;

  Schedules(String label) {
    this.label = label;
  }

  /** The factor at {@code progress}: 0 at the end of the warm-up, 1 at the last step. */
  abstract double afterWarmup(double progress);

  @Override
  public String label() {
    return label;
  }

  @Override
  public Schedule create(long warmupSteps, long totalSteps) {
    if (warmupSteps < 0 || totalSteps < 0) {
      throw new IllegalArgumentException(
          "Schedule %s: got %d warm-up steps of %d steps; expected 0 or more of each"
              .formatted(label, warmupSteps, totalSteps));
    }
    return step -> {
      if (step < warmupSteps) {
        return (double) step / Math.max(1, warmupSteps);
      }
      return afterWarmup((double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
    };
  }
}
