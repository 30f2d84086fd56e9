package dev.jlora.gpt.rope;

import dev.jlora.model.attention.RotaryFrequencies;

/**
 * LongRoPE (arXiv:2402.13753): every frequency is divided by its own factor, found by search; one
 * list for sequences within the original context, one for longer ones.
 *
 * <p>In generation with a cache, keys keep the angles with which they were cached, as in
 * transformers; without the cache all of them are recomputed.
 */
record LongRope(Turning near, Turning far, int original) implements RotaryFrequencies {

  static LongRope of(RopeParameters rope) {
    int original = rope.original();
    double factor = rope.factorOrRatio();
    double usual =
        factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(Math.max(2, original)));
    double scale = rope.has("attention_factor") ? rope.number("attention_factor") : usual;
    return new LongRope(
        new Turning(slowed(rope, "short_factor"), scale),
        new Turning(slowed(rope, "long_factor"), scale),
        original);
  }

  private static double[] slowed(RopeParameters rope, String key) {
    double[] factors = rope.perPair(key);
    double[] pairs = rope.plain();
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] /= factors[i];
    }
    return pairs;
  }

  @Override
  public Turning of(long tokens) {
    return tokens > original ? far : near;
  }

  @Override
  public boolean fixed() {
    return false;
  }
}
