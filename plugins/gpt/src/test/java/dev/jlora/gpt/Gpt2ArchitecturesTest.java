package dev.jlora.gpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.io.FormatException;
import dev.jlora.model.ModelException;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.TaskSpec;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a config.json becomes, and what its tokens see. */
class Gpt2ArchitecturesTest {
  private static final String SMALL =
      """
      {"n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 12, "vocab_size": 30,
       "initializer_range": 0.3, "pad_token_id": 29 %s}
      """;

  @Test
  void an_empty_config_is_gpt2_small() {
    ModelPlan plan = plan("{}", Gpt2Architectures.LANGUAGE);
    assertThat(plan.elements()).isEqualTo(124_439_808);
    assertThat(plan.parameters().keySet())
        .contains("transformer.h.11.attn.c_attn.weight", "transformer.ln_f.bias")
        .doesNotContain("lm_head.weight");
    assertThat(plan.parameters().get("transformer.h.0.attn.c_attn.weight").shape())
        .containsExactly(768L, 2304L);
    assertThat(plan.targets().get("transformer.h.0.attn.c_attn").transposed()).isTrue();
  }

  @Test
  void an_untied_head_has_a_weight_of_its_own() {
    assertThat(
            plan("{\"tie_word_embeddings\": false}", Gpt2Architectures.LANGUAGE)
                .parameters()
                .get("lm_head.weight")
                .shape())
        .containsExactly(50257L, 768L);
  }

  @Test
  void presets_have_the_published_sizes() {
    var presets = new Gpt2Family().presets();
    var medium = Gpt2Architectures.declare(presets.get("gpt2-medium"), Gpt2Architectures.LANGUAGE);
    assertThat(ModelPlan.of(medium).elements()).isEqualTo(354_823_168);
  }

  @Test
  void every_task_has_its_class() {
    Gpt2Family family = new Gpt2Family();
    assertThat(family.architecture(TaskSpec.CAUSAL_LM)).contains("GPT2LMHeadModel");
    assertThat(family.architecture(TaskSpec.SEQUENCE_CLASSIFICATION))
        .contains("GPT2ForSequenceClassification");
    assertThat(family.architecture(TaskSpec.TOKEN_CLASSIFICATION))
        .contains("GPT2ForTokenClassification");
    assertThat(family.architecture(TaskSpec.MASKED_LM)).isEmpty();
    assertThat(family.defaultTargets()).containsExactly("c_attn");
  }

  @Test
  void what_is_not_supported_is_said_with_its_key() {
    assertRefused("{\"add_cross_attention\": true}", "add_cross_attention is true");
    assertRefused("{\"n_embd\": 30, \"n_head\": 4}", "n_embd 30 is not a multiple of n_head 4");
    assertRefused("{\"n_layer\": 0}", "n_layer is 0, expected 1 or more");
    assertThatThrownBy(() -> plan("{}", "GPT2DoubleHeadsModel"))
        .hasMessageContaining("the architecture 'GPT2DoubleHeadsModel'");
  }

  @Test
  void scores_are_scaled_as_the_config_says() {
    assertThat(scale("{}", 3)).isEqualTo(1 / Math.sqrt(64));
    assertThat(scale("{\"scale_attn_weights\": false}", 3)).isEqualTo(1);
    assertThat(scale("{\"scale_attn_by_inverse_layer_idx\": true}", 3))
        .isEqualTo(1 / Math.sqrt(64) / 4);
  }

  @Test
  void a_token_does_not_see_what_comes_after_it() {
    try (var _ = Scope.open();
        Network network = Gpt2.random(Gpt2Architectures.LANGUAGE, SMALL.formatted(""))) {
      float[] one = logits(network, null, 5, 6, 7, 8);
      float[] other = logits(network, null, 5, 6, 7, 20);
      for (int i = 0; i < 3 * 30; i++) {
        assertThat(other[i]).isEqualTo(one[i]);
      }
      assertThat(other[3 * 30]).isNotEqualTo(one[3 * 30]);
    }
  }

  @Test
  void padding_on_the_right_changes_no_token() {
    try (var _ = Scope.open();
        Network network = Gpt2.random(Gpt2Architectures.LANGUAGE, SMALL.formatted(""))) {
      float[] alone = logits(network, null, 5, 6, 7);
      float[] padded = logits(network, new long[] {1, 1, 1, 0, 0}, 5, 6, 7, 0, 0);
      for (int i = 0; i < alone.length; i++) {
        assertThat(padded[i]).isCloseTo(alone[i], within(1e-5f));
      }
    }
  }

  @Test
  void gradients_are_numbers_even_where_a_token_sees_nothing() {
    String dropout = ", \"attn_pdrop\": 0.3";
    try (var _ = Scope.open();
        Network network = Gpt2.random(Gpt2Architectures.LANGUAGE, SMALL.formatted(dropout))) {
      network.parameters().forEach(parameter -> parameter.trainable(true));
      for (boolean training : new boolean[] {true, false}) {
        try (Tape tape = Tape.recording()) {
          ForwardContext pass =
              training
                  ? ForwardContext.training(tape, new RandomStream(1))
                  : ForwardContext.recording(tape);
          Tensor logits =
              network.forward(batch(new long[] {0, 0, 1, 1}, 29, 29, 5, 6), pass).logits();
          try (var gradients = tape.backward(Functions.mean(tape, logits, false))) {
            for (var parameter : network.parameters()) {
              for (float value : gradients.of(parameter.value()).toFloats()) {
                assertThat(value).as(parameter.name()).isFinite();
              }
            }
          }
        }
      }
    }
  }

  @Test
  void a_sequence_is_classified_at_its_last_token() {
    try (var _ = Scope.open();
        Network network = Gpt2.random(Gpt2Architectures.SEQUENCE, SMALL.formatted(""))) {
      float[] alone = logits(network, null, 5, 6, 7);
      assertThat(alone).hasSize(2);
      assertThat(logits(network, null, 5, 6, 7, 29, 29)).containsExactly(alone, within(1e-5f));
      assertThat(logits(network, new long[] {1, 1, 1, 0}, 5, 6, 7, 0))
          .containsExactly(alone, within(1e-5f));
    }
  }

  @Test
  void every_token_is_classified() {
    try (var _ = Scope.open();
        Network network = Gpt2.random(Gpt2Architectures.TOKEN, SMALL.formatted(""))) {
      assertThat(logits(network, null, 5, 6, 7)).hasSize(3 * 2);
    }
  }

  @Test
  void positions_have_to_be_in_the_table() {
    try (var _ = Scope.open();
        Network network = Gpt2.random(Gpt2Architectures.LANGUAGE, SMALL.formatted(""))) {
      Map<String, Tensor> batch = batch(null, 5, 6);
      batch.put("position_ids", Tensor.of(new long[] {0, 12}, 1, 2));
      assertThatThrownBy(() -> network.forward(batch, ForwardContext.inference()))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("position_ids: got id 12, expected 0 to 11");
    }
  }

  private static float[] logits(Network network, long[] mask, long... ids) {
    return network.forward(batch(mask, ids), ForwardContext.inference()).logits().toFloats();
  }

  private static Map<String, Tensor> batch(long[] mask, long... ids) {
    Map<String, Tensor> batch = new HashMap<>();
    batch.put("input_ids", Tensor.of(ids, 1, ids.length));
    if (mask != null) {
      batch.put("attention_mask", Tensor.of(mask, 1, mask.length));
    }
    return batch;
  }

  private static double scale(String config, int layer) {
    return Gpt2Config.of(Gpt2.config(config)).attentionScale(layer);
  }

  private static void assertRefused(String config, String message) {
    assertThatThrownBy(() -> plan(config, Gpt2Architectures.BASE))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(message);
  }

  private static ModelPlan plan(String config, String architecture) {
    return ModelPlan.of(Gpt2Architectures.declare(Gpt2.config(config), architecture));
  }
}
