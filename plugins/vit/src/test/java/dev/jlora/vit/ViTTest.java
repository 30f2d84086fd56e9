package dev.jlora.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.io.Checkpoint;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.model.ModelException;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.weights.CheckpointWeights;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names, sizes and positions; the numbers of whole models are held by the reference cases. */
class ViTTest {
  private static final String TINY =
      """
      {"model_type": "vit", "image_size": 12, "patch_size": 4, "num_channels": 3,
       "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2,
       "intermediate_size": 16, "initializer_range": 0.3,
       "id2label": {"0": "a", "1": "b", "2": "c"}}
      """;

  private final ViTFamily family = new ViTFamily();
  @TempDir Path folder;

  @Test
  void the_plugin_is_found() {
    assertThat(ServiceLoader.load(JloraPlugin.class))
        .anyMatch(plugin -> plugin instanceof ViTPlugin);
  }

  @Test
  void parameters_have_the_names_and_shapes_of_the_checkpoint() {
    ModelPlan plan = ModelPlan.of(declare(TINY, "ViTForImageClassification"));
    assertThat(plan.parameters()).hasSize(4 + 2 * 16 + 2 + 2);
    assertThat(plan.parameters().get("vit.embeddings.position_embeddings").shape())
        .containsExactly(1L, 10L, 8L);
    assertThat(plan.parameters().get("vit.embeddings.patch_embeddings.projection.weight").shape())
        .containsExactly(8L, 3L, 4L, 4L);
    assertThat(plan.parameters())
        .containsKeys(
            "vit.embeddings.cls_token",
            "vit.encoder.layer.1.attention.attention.query.bias",
            "vit.encoder.layer.0.layernorm_before.weight",
            "vit.layernorm.bias",
            "classifier.weight");
  }

  @Test
  void without_bias_in_attention_there_is_none() {
    ModelPlan plan =
        ModelPlan.of(
            declare(TINY.replace("{\"model", "{\"qkv_bias\": false, \"model"), "ViTModel"));
    assertThat(plan.parameters())
        .doesNotContainKey("encoder.layer.0.attention.attention.key.bias")
        .containsKey("encoder.layer.0.attention.output.dense.bias");
  }

  @Test
  void the_base_model_gives_all_tokens_and_a_pooled_one() {
    try (Scope _ = Scope.open();
        Network network = network(declare(TINY, "ViTModel"))) {
      Outputs outputs =
          network.forward(images(2, 12, 12), ForwardContext.inference().withHiddenStates());
      assertThat(outputs.get("last_hidden_state").shape()).containsExactly(2, 10, 8);
      assertThat(outputs.get("pooler_output").shape()).containsExactly(2, 8);
      assertThat(outputs.tensors())
          .containsKeys("hidden_states.0", "hidden_states.1", "hidden_states.2");
    }
  }

  @Test
  void a_checkpoint_in_the_newer_naming_gives_the_same_answers() {
    Architecture architecture = declare(TINY, "ViTForImageClassification");
    try (Scope _ = Scope.open();
        Network original = network(architecture)) {
      Map<String, Tensor> renamed = new LinkedHashMap<>();
      original.state().forEach((name, t) -> renamed.put(architecture.aliases().of(name), t));
      assertThat(renamed)
          .containsKeys(
              "vit.layers.1.attention.q_proj.weight",
              "vit.layers.1.attention.o_proj.bias",
              "vit.layers.0.mlp.fc1.weight",
              "vit.layers.0.mlp.fc2.weight",
              "vit.layers.0.layernorm_after.bias");
      SafetensorsWriter.write(folder.resolve("model.safetensors"), renamed);
      CheckpointWeights weights =
          CheckpointWeights.match(architecture, Checkpoint.open(folder), false, 0);
      try (Network loaded = Network.of(architecture, weights, DType.FLOAT32)) {
        assertThat(logits(loaded)).isEqualTo(logits(original));
      }
    }
  }

  @Test
  void a_head_for_other_labels_starts_fresh_where_that_is_allowed() {
    try (Scope _ = Scope.open();
        Network original = network(declare(TINY, "ViTForImageClassification"))) {
      SafetensorsWriter.write(folder.resolve("model.safetensors"), original.state());
    }
    Architecture more =
        declare(
            TINY.replace("\"2\": \"c\"", "\"2\": \"c\", \"3\": \"d\""),
            "ViTForImageClassification");
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThatThrownBy(() -> CheckpointWeights.match(more, checkpoint, false, 0))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("classifier.weight: the checkpoint has shape [3, 8]");
      assertThat(CheckpointWeights.match(more, checkpoint, true, 0).report().fresh())
          .containsExactly("classifier.weight", "classifier.bias");
    }
  }

  @Test
  void positions_are_interpolated_for_images_of_another_size() {
    try (Scope _ = Scope.open();
        Network network = network(declare(TINY, "ViTModel"))) {
      Outputs outputs =
          network.forward(zeros(16, 20), ForwardContext.inference().withHiddenStates());
      float[] found = outputs.get("hidden_states.0").toFloats();
      float[] table = network.parameter("embeddings.position_embeddings").value().toFloats();
      float[] bias =
          network.parameter("embeddings.patch_embeddings.projection.bias").value().toFloats();
      assertThat(found).hasSize((1 + 4 * 5) * 8);
      for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 5; x++) {
          for (int c = 0; c < 8; c++) {
            double expected = bicubic(table, c, (y + 0.5) * 3 / 4 - 0.5, (x + 0.5) * 3 / 5 - 0.5);
            assertThat((double) found[(1 + y * 5 + x) * 8 + c])
                .isCloseTo(expected + bias[c], within(1e-5));
          }
        }
      }
    }
  }

  /** Channel {@code c} of the 3 x 3 positions at a point between them; the edge goes on outside. */
  private static double bicubic(float[] table, int c, double y, double x) {
    int top = (int) Math.floor(y);
    int left = (int) Math.floor(x);
    double sum = 0;
    for (int i = top - 1; i <= top + 2; i++) {
      for (int j = left - 1; j <= left + 2; j++) {
        int at = 1 + Math.clamp(i, 0, 2) * 3 + Math.clamp(j, 0, 2);
        sum += cubic(y - i) * cubic(x - j) * table[at * 8 + c];
      }
    }
    return sum;
  }

  private static double cubic(double x) {
    double a = -0.75;
    double d = Math.abs(x);
    if (d <= 1) {
      return (a + 2) * d * d * d - (a + 3) * d * d + 1;
    }
    return d < 2 ? a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a : 0;
  }

  @Test
  void images_that_do_not_fit_are_refused() {
    try (Scope _ = Scope.open();
        Network network = network(declare(TINY, "ViTModel"));
        Network strict =
            network(
                declare(
                    TINY.replace("{\"model", "{\"interpolate_pos_encoding\": false, \"model"),
                    "ViTModel"))) {
      assertThatThrownBy(() -> strict.forward(zeros(16, 12), ForwardContext.inference()))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("got images of 16 x 12 pixels, expected 12 x 12");
      Map<String, Tensor> grey = Map.of("pixel_values", Tensor.zeros(DType.FLOAT32, 1, 1, 12, 12));
      assertThatThrownBy(() -> network.forward(grey, ForwardContext.inference()))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("expected 3 channels");
      assertThatThrownBy(() -> network.forward(zeros(12, 3), ForwardContext.inference()))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("4 x 4 pixels or more");
    }
  }

  @Test
  void a_config_that_makes_no_sense_is_refused() {
    assertThatThrownBy(() -> declare(TINY.replace("heads\": 2", "heads\": 3"), "ViTModel"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("hidden_size 8 is not a multiple of num_attention_heads 3");
    assertThatThrownBy(
            () -> declare(TINY.replace("patch_size\": 4", "patch_size\": 40"), "ViTModel"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("patch_size 40 is larger than image_size 12");
    assertThatThrownBy(() -> declare(TINY, "ViTForMaskedImageModeling"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("Expected one of 'ViTForImageClassification', 'ViTModel'");
  }

  @Test
  void presets_have_the_published_numbers_of_parameters() {
    assertThat(elements("vit-base")).isEqualTo(85_798_656L);
    assertThat(elements("vit-large")).isEqualTo(303_301_632L);
  }

  private long elements(String preset) {
    Architecture architecture = family.declare(family.presets().get(preset), "ViTModel");
    ModelPlan plan = ModelPlan.of(architecture);
    return plan.elements()
        - plan.parametersOf("pooler").stream()
            .mapToLong(name -> plan.parameters().get(name).elements())
            .sum();
  }

  private Architecture declare(String json, String name) {
    return family.declare(ModelConfig.of("config.json", Json.object(json, "config.json")), name);
  }

  private static Network network(Architecture architecture) {
    return Network.of(architecture, new RandomWeights(3), DType.FLOAT32);
  }

  private static float[] logits(Network network) {
    return network.forward(images(2, 12, 12), ForwardContext.inference()).logits().toFloats();
  }

  private static Map<String, Tensor> zeros(int height, int width) {
    return Map.of("pixel_values", Tensor.zeros(DType.FLOAT32, 1, 3, height, width));
  }

  private static Map<String, Tensor> images(int count, int height, int width) {
    float[] values = new float[count * 3 * height * width];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat(-1, 1);
    }
    return Map.of("pixel_values", Tensor.of(values, count, 3, height, width));
  }
}
