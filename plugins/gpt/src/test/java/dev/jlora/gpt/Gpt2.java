package dev.jlora.gpt;

import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.network.Network;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.tensor.DType;

/** Small models for tests. */
final class Gpt2 {
  private Gpt2() {}

  static ModelConfig config(String json) {
    return ModelConfig.of("config.json", Json.object(json, "config.json"));
  }

  /** A language model whose weights are large enough to say different things. */
  static Network random(int context, int vocabulary) {
    return random(
        Gpt2Architectures.LANGUAGE,
        """
        {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": %d, "vocab_size": %d,
         "initializer_range": 0.3}
        """
            .formatted(context, vocabulary));
  }

  static Network random(String architecture, String config) {
    Architecture declared = Gpt2Architectures.declare(config(config), architecture);
    return Network.of(declared, new RandomWeights(7), DType.FLOAT32);
  }
}
