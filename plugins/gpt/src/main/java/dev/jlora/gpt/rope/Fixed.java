package dev.jlora.gpt.rope;

import dev.jlora.model.attention.RotaryFrequencies;
import java.util.Arrays;

/** Frequencies that are the same for sequences of every length. */
record Fixed(Turning turning) implements RotaryFrequencies {

  /** As published (arXiv:2104.09864): theta^(-2i / d) for pair i of a head of width d. */
  static Fixed plain(RopeParameters rope) {
    return new Fixed(new Turning(rope.plain(), 1));
  }

  /** Position interpolation (arXiv:2306.15595): all of them slower by the factor. */
  static Fixed linear(RopeParameters rope) {
    double factor = rope.factor();
    return new Fixed(
        new Turning(Arrays.stream(rope.plain()).map(pair -> pair / factor).toArray(), 1));
  }

  @Override
  public Turning of(long tokens) {
    return turning;
  }

  @Override
  public boolean fixed() {
    return true;
  }
}
