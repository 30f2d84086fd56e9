package dev.jlora.gpt.rope;

import dev.jlora.model.attention.RotaryFrequencies.Turning;

/**
 * The scaling of Llama 3.1 (arXiv:2407.21783, and its published code): high frequencies, relative
 * to the original context, are unchanged, low frequencies are divided by the factor, with a smooth
 * transition in between.
 */
final class Llama3 {
  private Llama3() {}

  static Fixed of(RopeParameters rope) {
    double factor = rope.factor();
    double low = rope.number("low_freq_factor");
    double high = rope.number("high_freq_factor");
    if (high <= low) {
      throw rope.refused(
          "has a high_freq_factor of %s, expected more than low_freq_factor, %s."
              .formatted(high, low),
          "Check both against the model's own config.json.");
    }
    double[] pairs = rope.plain();
    for (int i = 0; i < pairs.length; i++) {
      double turns = rope.original() * pairs[i] / (2 * Math.PI);
      double kept = Math.clamp((turns - low) / (high - low), 0, 1);
      pairs[i] = (1 - kept) * pairs[i] / factor + kept * pairs[i];
    }
    return new Fixed(new Turning(pairs, 1));
  }
}
