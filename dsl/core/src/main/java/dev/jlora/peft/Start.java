package dev.jlora.peft;

import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/** How the values of a parameter start in a fresh adapter. */
@FunctionalInterface
public interface Start {

  /** Zeros. */
  Start ZEROS = constant(0);

  /**
   * The values, one after the other.
   *
   * @param random depends on the job's seed and the parameter's name only, so that one target more
   *     leaves the others as they were
   */
  DoubleSupplier values(SplittableRandom random);

  /** One number everywhere. */
  static Start constant(double value) {
    return _ -> () -> value;
  }

  /** Uniform from -{@code bound} to {@code bound}. */
  static Start uniform(double bound) {
    return random -> () -> random.nextDouble(-bound, bound);
  }

  /** Normal around 0. */
  static Start normal(double std) {
    return random -> () -> random.nextGaussian() * std;
  }
}
