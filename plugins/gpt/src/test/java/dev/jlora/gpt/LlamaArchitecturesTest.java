package dev.jlora.gpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.ModelException;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.TaskSpec;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a config.json of Llama, Mistral or Qwen2 becomes. */
class LlamaArchitecturesTest {

  @ParameterizedTest
  @CsvSource({
    "LLAMA, tinyllama-1.1b, 1100048384",
    "LLAMA, llama-3.2-1b, 1235814400",
    "MISTRAL, mistral-7b, 7241732096",
    "QWEN2, qwen2-0.5b, 494032768"
  })
  void presets_have_the_published_sizes(LlamaVariant variant, String name, long elements) {
    ModelConfig config = LlamaPresets.of(variant).get(name);
    assertThat(config.modelType()).isEqualTo(variant.modelType());
    assertThat(plan(variant, config, variant.language()).elements()).isEqualTo(elements);
  }

  @ParameterizedTest
  @CsvSource({"LLAMA, 6738415616", "MISTRAL, 7241732096"})
  void an_empty_config_is_the_first_model_of_its_kind(LlamaVariant variant, long elements) {
    assertThat(plan(variant, config(""), variant.language()).elements()).isEqualTo(elements);
  }

  @Test
  void names_are_those_of_the_checkpoints() {
    ModelPlan plan = plan(LlamaVariant.LLAMA, config("'num_hidden_layers': 1"), "LlamaForCausalLM");
    assertThat(plan.parameters().keySet())
        .containsExactly(
            "model.embed_tokens.weight",
            "model.layers.0.input_layernorm.weight",
            "model.layers.0.self_attn.q_proj.weight",
            "model.layers.0.self_attn.k_proj.weight",
            "model.layers.0.self_attn.v_proj.weight",
            "model.layers.0.self_attn.o_proj.weight",
            "model.layers.0.post_attention_layernorm.weight",
            "model.layers.0.mlp.gate_proj.weight",
            "model.layers.0.mlp.up_proj.weight",
            "model.layers.0.mlp.down_proj.weight",
            "model.norm.weight",
            "lm_head.weight");
    assertThat(
            plan(LlamaVariant.LLAMA, config("'num_hidden_layers': 1"), "LlamaModel").parameters())
        .containsKey("layers.0.self_attn.q_proj.weight")
        .doesNotContainKey("lm_head.weight");
  }

  @Test
  void biases_are_where_the_variant_or_the_config_puts_them() {
    String one = "'num_hidden_layers': 1";
    assertThat(biases(LlamaVariant.LLAMA, one)).isEmpty();
    assertThat(biases(LlamaVariant.MISTRAL, one)).isEmpty();
    assertThat(biases(LlamaVariant.QWEN2, one)).containsExactly("q_proj", "k_proj", "v_proj");
    assertThat(biases(LlamaVariant.LLAMA, one + ", 'attention_bias': true"))
        .containsExactly("q_proj", "k_proj", "v_proj", "o_proj");
    assertThat(biases(LlamaVariant.LLAMA, one + ", 'mlp_bias': true"))
        .containsExactly("gate_proj", "up_proj", "down_proj");
  }

  @Test
  void keys_and_values_have_the_heads_that_the_config_says() {
    assertThat(keyRows(LlamaVariant.LLAMA, "")).isEqualTo(4096);
    assertThat(keyRows(LlamaVariant.LLAMA, "'num_key_value_heads': 8")).isEqualTo(1024);
    assertThat(keyRows(LlamaVariant.LLAMA, "'head_dim': 100, 'num_key_value_heads': 8"))
        .isEqualTo(800);
    assertThat(keyRows(LlamaVariant.MISTRAL, "")).isEqualTo(1024);
    assertThat(keyRows(LlamaVariant.MISTRAL, "'num_key_value_heads': null")).isEqualTo(4096);
  }

  @Test
  void windows_are_where_the_variant_or_the_config_puts_them() {
    String four = "'num_hidden_layers': 4";
    String said = four + ", 'sliding_window': 9";
    assertThat(windows(LlamaVariant.LLAMA, said)).containsExactly(0, 0, 0, 0);
    assertThat(windows(LlamaVariant.MISTRAL, said)).containsExactly(9, 9, 9, 9);
    assertThat(windows(LlamaVariant.MISTRAL, four)).containsExactly(4096, 4096, 4096, 4096);
    assertThat(windows(LlamaVariant.MISTRAL, four + ", 'sliding_window': null"))
        .containsExactly(0, 0, 0, 0);
    assertThat(windows(LlamaVariant.QWEN2, said)).containsExactly(0, 0, 0, 0);
    String used = said + ", 'use_sliding_window': true";
    assertThat(windows(LlamaVariant.QWEN2, used + ", 'max_window_layers': 3"))
        .containsExactly(0, 0, 0, 9);
    assertThat(
            windows(
                LlamaVariant.QWEN2,
                used + ", 'layer_types': " + types("sliding", "full", "full", "sliding")))
        .containsExactly(9, 0, 0, 9);
    assertThat(
            windows(
                LlamaVariant.MISTRAL,
                said + ", 'layer_types': " + types("sliding", "sliding", "sliding", "sliding")))
        .containsExactly(9, 9, 9, 9);
  }

  @Test
  void layer_types_that_do_not_hold_are_refused() {
    String said = "'num_hidden_layers': 2, 'sliding_window': 9, 'layer_types': ";
    assertRefused(
        LlamaVariant.LLAMA,
        said + types("full", "sliding"),
        "layer_types has 'sliding_attention', which Llama with no sliding_window cannot be");
    assertRefused(
        LlamaVariant.MISTRAL,
        said + types("full", "sliding"),
        "layer_types has 'full_attention', which Mistral with a sliding_window of 9 cannot be");
    assertRefused(
        LlamaVariant.QWEN2, said + types("full", "chunked"), "layer_types has 'chunked_attention'");
    assertRefused(
        LlamaVariant.QWEN2,
        said + types("full"),
        "layer_types has 1 entries, expected one for each of the 2 layers");
  }

  @ParameterizedTest
  @EnumSource
  void every_task_has_its_class(LlamaVariant variant) {
    LlamaFamily family =
        switch (variant) {
          case LLAMA -> LlamaFamily.llama();
          case MISTRAL -> LlamaFamily.mistral();
          case QWEN2 -> LlamaFamily.qwen2();
        };
    String title = variant.title();
    assertThat(family.modelType()).isEqualTo(variant.modelType());
    assertThat(family.architecture(TaskSpec.CAUSAL_LM)).contains(title + "ForCausalLM");
    assertThat(family.architecture(TaskSpec.SEQUENCE_CLASSIFICATION))
        .contains(title + "ForSequenceClassification");
    assertThat(family.architecture(TaskSpec.TOKEN_CLASSIFICATION))
        .contains(title + "ForTokenClassification");
    assertThat(family.architecture(TaskSpec.FEATURE_EXTRACTION)).contains(title + "Model");
    assertThat(family.architecture(TaskSpec.FEATURE_EXTRACTION_LAST)).contains(title + "Model");
    assertThat(family.architecture(TaskSpec.MASKED_LM)).isEmpty();
    assertThat(family.defaultTargets()).containsExactly("q_proj", "v_proj");
    for (String name : family.architectures()) {
      assertThat(family.declare(config("'num_hidden_layers': 1"), name).name()).isEqualTo(name);
    }
  }

  @Test
  void sizes_that_do_not_fit_together_are_refused_with_their_keys() {
    assertRefused(
        LlamaVariant.LLAMA,
        "'num_attention_heads': 32, 'num_key_value_heads': 5",
        "num_attention_heads 32 is not a multiple of num_key_value_heads 5");
    assertRefused(
        LlamaVariant.QWEN2,
        "'hidden_size': 100, 'num_attention_heads': 32",
        "hidden_size 100 is not a multiple of num_attention_heads 32");
    assertRefused(LlamaVariant.LLAMA, "'head_dim': 5", "a head is 5 wide, expected an even number");
    assertRefused(LlamaVariant.MISTRAL, "'num_hidden_layers': 0", "num_hidden_layers is 0");
    assertRefused(LlamaVariant.MISTRAL, "'sliding_window': -4", "sliding_window is -4");
    assertThatThrownBy(
            () -> plan(LlamaVariant.LLAMA, config("'hidden_act': 'swoosh'"), "LlamaModel"))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("activation: got 'swoosh'");
    assertThatThrownBy(() -> plan(LlamaVariant.LLAMA, config(""), "LlamaForQuestionAnswering"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("the architecture 'LlamaForQuestionAnswering'");
  }

  @Test
  void the_context_is_what_the_scaling_makes_of_the_positions() {
    assertThat(context("'max_position_embeddings': 128")).isEqualTo(128);
    assertThat(
            context(
                "'max_position_embeddings': 128,"
                    + " 'rope_scaling': {'type': 'dynamic', 'factor': 2.0}"))
        .isEqualTo(256);
    assertThat(
            context(
                "'max_position_embeddings': 128, 'rope_scaling': {'type': 'yarn', 'factor': 4.0,"
                    + " 'original_max_position_embeddings': 128}"))
        .isEqualTo(512);
  }

  private static long context(String more) {
    return architecture(LlamaVariant.LLAMA, config(more), "LlamaModel").maxPositions();
  }

  private static List<String> biases(LlamaVariant variant, String more) {
    return plan(variant, config(more), variant.base()).parameters().keySet().stream()
        .filter(name -> name.endsWith(".bias"))
        .map(name -> name.split("\\.")[3])
        .toList();
  }

  private static long keyRows(LlamaVariant variant, String more) {
    return plan(variant, config(more), variant.base())
        .parameters()
        .get("layers.0.self_attn.k_proj.weight")
        .shape()
        .getFirst();
  }

  private static List<Integer> windows(LlamaVariant variant, String more) {
    return LlamaConfig.of(config(more), variant).windows();
  }

  private static String types(String... kinds) {
    return IntStream.range(0, kinds.length)
        .mapToObj(i -> "'" + kinds[i] + "_attention'")
        .toList()
        .toString();
  }

  private static void assertRefused(LlamaVariant variant, String config, String message) {
    assertThatThrownBy(() -> plan(variant, config(config), variant.base()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("config.json");
  }

  private static ModelConfig config(String json) {
    return ModelConfig.of(
        "config.json", Json.object("{" + json.replace('\'', '"') + "}", "config.json"));
  }

  private static ModelPlan plan(LlamaVariant variant, ModelConfig config, String name) {
    return ModelPlan.of(architecture(variant, config, name));
  }

  private static Architecture architecture(LlamaVariant variant, ModelConfig config, String name) {
    return LlamaArchitectures.declare(config, variant, name);
  }
}
