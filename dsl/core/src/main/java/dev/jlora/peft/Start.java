package dev.jlora.peft;

import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/** The initialization of a parameter of a new adapter. */
@FunctionalInterface
public interface Start {

  /** Zeros. */
  Start ZEROS = constant(0);

  /**
   * Supplies the values in order.
   *
   * @param random depends only on the job's seed and the parameter's name, so that another target
   *     does not change the values of this one
   */
  DoubleSupplier values(SplittableRandom random);

  /** Every element has this value. */
  static Start constant(double value) {
    return _ -> () -> value;
  }

  /** Uniform from -{@code bound} to {@code bound}. */
  static Start uniform(double bound) {
    return random -> () -> random.nextDouble(-bound, bound);
  }

  /** Normal with mean 0 and standard deviation {@code std}. */
  static Start normal(double std) {
    return random -> () -> random.nextGaussian() * std;
  }
}
