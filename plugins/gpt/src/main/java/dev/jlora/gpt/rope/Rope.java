package dev.jlora.gpt.rope;

import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.attention.RotaryFrequencies;

/**
 * The rotary positions of a model.
 *
 * @param frequencies of queries and keys
 * @param context maximum sequence length
 */
public record Rope(RotaryFrequencies frequencies, long context) {

  /**
   * Reads {@code rope_scaling} or {@code rope_parameters}, and {@code rope_theta}.
   *
   * @param width of a head, even
   * @param positions the model's max_position_embeddings
   * @throws FormatException naming an unknown, missing or invalid key
   */
  public static Rope of(ModelConfig config, int width, int positions) {
    RopeParameters rope = RopeParameters.of(config, width, positions);
    return switch (rope.kind()) {
      case "default" -> new Rope(Fixed.plain(rope), positions);
      case "linear" -> new Rope(Fixed.linear(rope), stretched(positions, rope.factor()));
      case "dynamic" -> new Rope(Dynamic.of(rope), stretched(positions, rope.factor()));
      case "yarn" ->
          new Rope(
              Yarn.of(rope), Math.max(positions, stretched(rope.original(), rope.factorOrRatio())));
      case "longrope" -> new Rope(LongRope.of(rope), positions);
      case "llama3" -> new Rope(Llama3.of(rope), positions);
      default ->
          throw rope.refused(
              "has the rope_type '%s', which is not known.".formatted(rope.kind()),
              "Known are default, linear, dynamic, yarn, longrope and llama3.");
    };
  }

  private static long stretched(int positions, double factor) {
    return (long) Math.ceil(positions * Math.max(1, factor));
  }
}
