package dev.jlora.model.attention;

import dev.jlora.model.ModelException;

/** The frequencies of arXiv:2104.09864, for sequences of any length. */
record ThetaFrequencies(double theta, int size) implements RotaryFrequencies {
  ThetaFrequencies {
    if (!(theta > 1 && Double.isFinite(theta))) {
      throw new ModelException(
          "rotary positions: got a theta of %s, expected more than 1 (10000 is usual)"
              .formatted(theta));
    }
    if (size < 2 || size % 2 != 0) {
      throw new ModelException(
          "rotary positions: got heads of size %d, expected an even number: they rotate pairs"
              .formatted(size));
    }
  }

  @Override
  public Turning of(long tokens) {
    double[] pairs = new double[size / 2];
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] = Math.pow(theta, -2.0 * i / size);
    }
    return new Turning(pairs, 1);
  }

  @Override
  public boolean fixed() {
    return true;
  }
}
