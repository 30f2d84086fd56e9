package dev.jlora.gpt.rope;

import dev.jlora.model.attention.RotaryFrequencies.Turning;

/**
 * YaRN (arXiv:2309.00071): pairs with more than beta_fast rotations within the original context are
 * unchanged, the frequencies of pairs with fewer than beta_slow rotations are divided by the
 * factor, with a linear ramp over the indices in between. Cosines and sines are scaled up slightly,
 * which sharpens attention.
 */
final class Yarn {
  private Yarn() {}

  static Fixed of(RopeParameters rope) {
    double factor = rope.factorOrRatio();
    double low = pair(rope, rope.number("beta_fast", 32));
    double high = pair(rope, rope.number("beta_slow", 1));
    if (rope.flag("truncate", true)) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, rope.width() - 1);
    double length = high == low ? 0.001 : high - low;
    double[] pairs = rope.plain();
    for (int i = 0; i < pairs.length; i++) {
      double slowed = Math.clamp((i - low) / length, 0, 1);
      pairs[i] = slowed * pairs[i] / factor + (1 - slowed) * pairs[i];
    }
    return new Fixed(new Turning(pairs, scale(rope, factor)));
  }

  /** The (fractional) index of the pair with this number of rotations in the original context. */
  private static double pair(RopeParameters rope, double turns) {
    return rope.width()
        * Math.log(rope.original() / (turns * 2 * Math.PI))
        / (2 * Math.log(rope.theta()));
  }

  private static double scale(RopeParameters rope, double factor) {
    if (rope.has("attention_factor")) {
      return rope.number("attention_factor");
    }
    double part = rope.number("mscale", 0);
    double all = rope.number("mscale_all_dim", 0);
    return part != 0 && all != 0 ? grown(factor, part) / grown(factor, all) : grown(factor, 1);
  }

  private static double grown(double factor, double share) {
    return factor <= 1 ? 1 : 0.1 * share * Math.log(factor) + 1;
  }
}
