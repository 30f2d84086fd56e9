package dev.jlora.distribution.fuzz;

import java.util.random.RandomGenerator;

/**
 * Damages a file in a way that its syntax suggests. The same random numbers give the same bytes.
 */
@FunctionalInterface
interface Mutator {
  byte[] mutate(byte[] original, RandomGenerator random);

  /** One of several mutators, drawn anew for each mutant. */
  static Mutator oneOf(Mutator... mutators) {
    return (bytes, random) -> mutators[random.nextInt(mutators.length)].mutate(bytes, random);
  }
}
