package dev.jlora.gpt.rope;

import dev.jlora.model.attention.RotaryFrequencies;

/**
 * Dynamic NTK scaling, as in transformers: the base grows with the length of the sequence beyond
 * the trained length. For n tokens, p trained positions and heads of size d the base is theta
 * (factor n / p - factor + 1)^(d / (d - 2)).
 *
 * <p>In generation with a cache, keys keep the angles with which they were cached, as in
 * transformers; without the cache all of them are recomputed.
 */
record Dynamic(RopeParameters rope, double factor) implements RotaryFrequencies {

  static Dynamic of(RopeParameters rope) {
    if (rope.width() < 4) {
      throw rope.refused(
          "is dynamic for heads of width %d, expected 4 or more.".formatted(rope.width()),
          "Check head_dim, or take another rope_type.");
    }
    return new Dynamic(rope, rope.factor());
  }

  @Override
  public Turning of(long tokens) {
    double length = (double) Math.max(tokens, rope.positions()) / rope.positions();
    double width = rope.width();
    double stretch = Math.pow(factor * length - (factor - 1), width / (width - 2));
    return new Turning(rope.plain(rope.theta() * stretch), 1);
  }

  @Override
  public boolean fixed() {
    return false;
  }
}
