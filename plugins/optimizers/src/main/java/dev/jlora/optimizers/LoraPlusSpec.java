package dev.jlora.optimizers;

import dev.jlora.spec.Problems;
import dev.jlora.spec.Spec;

/**
 * Parameters of {@code loraplus}, by PEFT's names.
 *
 * @param loraplusLrRatio learning rate of B, as a multiple of A's; default 16, as in the paper
 * @param loraplusLrEmbedding learning rate of the factors on embeddings; default 1e-6
 * @param loraplusWeightDecay of all parameters but biases and norms; default 0
 */
public record LoraPlusSpec(
    double loraplusLrRatio, double loraplusLrEmbedding, double loraplusWeightDecay)
    implements Spec {

  public LoraPlusSpec {
    Problems.in("optimizer")
        .unless(
            loraplusLrRatio > 0 && Double.isFinite(loraplusLrRatio),
            "loraplus_lr_ratio: got %s, expected a number above 0 (16 is a common choice)",
            loraplusLrRatio)
        .unless(
            loraplusLrEmbedding >= 0 && Double.isFinite(loraplusLrEmbedding),
            "loraplus_lr_embedding: got %s, expected 0 or more",
            loraplusLrEmbedding)
        .unless(
            loraplusWeightDecay >= 0 && Double.isFinite(loraplusWeightDecay),
            "loraplus_weight_decay: got %s, expected 0 or more",
            loraplusWeightDecay)
        .throwIfAny();
  }

  public static LoraPlusSpec defaults() {
    return new LoraPlusSpec(16, 1e-6, 0);
  }
}
