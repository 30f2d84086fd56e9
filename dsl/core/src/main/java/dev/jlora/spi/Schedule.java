package dev.jlora.spi;

/** A schedule of the learning rate: a factor on the base learning rate for every step. */
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
