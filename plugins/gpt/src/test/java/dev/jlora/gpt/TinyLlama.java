package dev.jlora.gpt;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.Init;
import dev.jlora.model.network.Network;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.model.weights.WeightSource;
import dev.jlora.ops.InPlace;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;

/** Small models of the Llama class for tests, their norms and biases off their neutral values. */
final class TinyLlama {
  static final int VOCABULARY = 40;

  private TinyLlama() {}

  /**
   * Three layers, four heads over two of keys and values; {@code more} (with ' for ") changes it.
   */
  static ObjectNode config(String more) {
    ObjectNode config =
        json(
            """
            {"vocab_size": %d, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 3,
             "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 64,
             "rms_norm_eps": 1e-5, "initializer_range": 0.3, "sliding_window": null,
             "pad_token_id": 0}
            """
                .formatted(VOCABULARY));
    config.setAll(json("{" + more.replace('\'', '"') + "}"));
    return config;
  }

  private static ObjectNode json(String text) {
    return Json.object(text, "config.json");
  }

  static Architecture declare(LlamaVariant variant, ObjectNode config, String name) {
    return LlamaArchitectures.declare(ModelConfig.of("config.json", config), variant, name);
  }

  static Network language(LlamaVariant variant, ObjectNode config) {
    return network(declare(variant, config, variant.language()));
  }

  static Network network(Architecture architecture) {
    return Network.of(architecture, weights(), DType.FLOAT32);
  }

  /** Random weights as they are declared, norms and biases moved. */
  static WeightSource weights() {
    RandomWeights fresh = new RandomWeights(7);
    RandomWeights noise = new RandomWeights(8);
    return parameter -> {
      Tensor tensor = fresh.read(parameter);
      boolean plain = parameter.init().kind() == Init.Kind.NORMAL;
      if (!plain) {
        var moved = parameter.with(Init.normal(0.2));
        InPlace.add(tensor, noise.read(moved), 1);
      }
      return tensor;
    };
  }
}
