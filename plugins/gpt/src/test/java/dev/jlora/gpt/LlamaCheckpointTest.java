package dev.jlora.gpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.io.Checkpoint;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.model.ModelException;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.weights.CheckpointWeights;
import dev.jlora.model.weights.WeightSource;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints as they are found: in several files, in 16 bits, with things beside the weights. */
class LlamaCheckpointTest {
  private static final String CONFIG = "'num_hidden_layers': 2";

  @TempDir Path folder;
  private final Scope scope = Scope.open();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  @BeforeEach
  void a_complete_checkpoint() {
    WeightSource weights = TinyLlama.weights();
    ModelPlan.of(language(CONFIG))
        .parameters()
        .forEach((name, spec) -> tensors.put(name, weights.read(spec)));
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void several_files_are_one_model() {
    write("model.safetensors", tensors);
    float[] single = logits(CONFIG, DType.FLOAT32);
    folder = folder.resolve("sharded");
    shards(3);
    assertThat(logits(CONFIG, DType.FLOAT32)).containsExactly(single);
  }

  @Test
  void a_missing_file_is_named() {
    shards(3);
    assertThat(folder.resolve("model-00002-of-00003.safetensors").toFile().delete()).isTrue();
    assertThatThrownBy(() -> logits(CONFIG, DType.FLOAT32))
        .hasMessageContaining("model-00002-of-00003.safetensors, which is not in the folder");
  }

  @Test
  void weights_in_16_bits_are_read_in_either_precision() {
    tensors.replaceAll((_, tensor) -> Ops.to(tensor, DType.BFLOAT16));
    write("model.safetensors", tensors);
    float[] wide = logits(CONFIG, DType.FLOAT32);
    float[] narrow = logits(CONFIG, DType.BFLOAT16);
    double differences = 0;
    for (int i = 0; i < wide.length; i++) {
      differences += Math.abs(wide[i] - narrow[i]);
    }
    assertThat(differences / wide.length).isBetween(1e-6, 0.02);
  }

  @Test
  void angles_that_old_checkpoints_store_are_passed_over() {
    tensors.put("model.layers.0.self_attn.rotary_emb.inv_freq", Tensor.ones(DType.FLOAT32, 2));
    write("model.safetensors", tensors);
    assertThat(logits(CONFIG, DType.FLOAT32)).isNotEmpty();
  }

  @Test
  void a_head_beside_tied_words_must_be_their_copy() {
    String tied = CONFIG + ", 'tie_word_embeddings': true";
    Tensor head = tensors.put("lm_head.weight", tensors.get("model.embed_tokens.weight"));
    write("model.safetensors", tensors);
    assertThat(logits(tied, DType.FLOAT32)).isNotEmpty();
    tensors.put("lm_head.weight", head);
    write("model.safetensors", tensors);
    assertThatThrownBy(() -> logits(tied, DType.FLOAT32))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("lm_head.weight: differs from model.embed_tokens.weight");
  }

  @Test
  void what_is_missing_or_does_not_fit_is_named() {
    tensors.remove("model.layers.1.mlp.up_proj.weight");
    tensors.put("model.layers.1.self_attn.q_proj.bias", Tensor.ones(DType.FLOAT32, 16));
    write("model.safetensors", tensors);
    assertThatThrownBy(() -> logits(CONFIG + ", 'num_key_value_heads': 1", DType.FLOAT32))
        .isInstanceOf(ModelException.class)
        .hasMessageContainingAll(
            "model.layers.1.mlp.up_proj.weight: not in the checkpoint",
            "model.layers.1.self_attn.q_proj.bias: in the checkpoint, but not part of the model",
            "model.layers.0.self_attn.k_proj.weight: the checkpoint has shape [8, 16]");
  }

  @Test
  void a_task_starts_its_head_fresh_and_leaves_the_other_unread() {
    write("model.safetensors", tensors);
    Architecture sequence =
        TinyLlama.declare(
            LlamaVariant.LLAMA, TinyLlama.config(CONFIG), LlamaVariant.LLAMA.sequence());
    CheckpointWeights weights =
        CheckpointWeights.match(sequence, Checkpoint.open(folder), /* newHead= */ true, 1);
    try (Network network = Network.of(sequence, weights, DType.FLOAT32)) {
      assertThat(weights.report().fresh()).containsExactly("score.weight");
      assertThat(weights.report().unread()).containsExactly("lm_head.weight");
      assertThat(network.parameter("score.weight").value().shape()).containsExactly(2, 16);
    }
  }

  private float[] logits(String config, DType dtype) {
    Architecture architecture = language(config);
    var weights = CheckpointWeights.match(architecture, Checkpoint.open(folder), false, 0);
    try (var _ = Scope.open();
        Network network = Network.of(architecture, weights, dtype)) {
      Tensor ids = Tensor.of(new long[] {5, 9, 11, 3, 20}, 1, 5);
      return network
          .forward(Map.of("input_ids", ids), ForwardContext.inference())
          .logits()
          .toFloats();
    }
  }

  private static Architecture language(String config) {
    return TinyLlama.declare(
        LlamaVariant.LLAMA, TinyLlama.config(config), LlamaVariant.LLAMA.language());
  }

  private void write(String name, Map<String, Tensor> some) {
    assertThat(folder.toFile().isDirectory() || folder.toFile().mkdirs()).isTrue();
    SafetensorsWriter.write(folder.resolve(name), some, Map.of("format", "pt"));
  }

  /** Writes the tensors into {@code count} files behind an index, as transformers does. */
  private void shards(int count) {
    Map<String, String> places = new LinkedHashMap<>();
    List<String> names = new ArrayList<>(tensors.keySet());
    for (int shard = 0; shard < count; shard++) {
      String file = "model-%05d-of-%05d.safetensors".formatted(shard + 1, count);
      Map<String, Tensor> some = new LinkedHashMap<>();
      for (int i = shard; i < names.size(); i += count) {
        some.put(names.get(i), tensors.get(names.get(i)));
        places.put(names.get(i), file);
      }
      write(file, some);
    }
    Json.write(
        folder.resolve(Checkpoint.INDEX), Json.mapper().valueToTree(Map.of("weight_map", places)));
  }
}
