package dev.jlora.spi;

/** How the learning rate moves over a training run: a factor on the base rate for every step. */
@FunctionalInterface
public interface Schedule {

  /**
   * The factor on the base learning rate.
   *
   * @param step optimizer steps already taken; the first step of a run uses {@code factor(0)}
   * @return 0 or more
   */
  double factor(long step);
}
