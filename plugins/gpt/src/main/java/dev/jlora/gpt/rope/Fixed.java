package dev.jlora.gpt.rope;

import dev.jlora.model.attention.RotaryFrequencies;
import java.util.Arrays;

/** Frequencies that do not depend on the length of the sequence. */
record Fixed(Turning turning) implements RotaryFrequencies {

  /**
   * The published frequencies (arXiv:2104.09864): theta^(-2i / d) for pair i of a head of size d.
   */
  static Fixed plain(RopeParameters rope) {
    return new Fixed(new Turning(rope.plain(), 1));
  }

  /** Position interpolation (arXiv:2306.15595): all frequencies divided by the factor. */
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
