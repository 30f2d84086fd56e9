package dev.jlora.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.io.Checkpoint;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.model.ModelException;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.weights.CheckpointWeights;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RoBERTa has its checkpoint's names and computes what its equations say. */
class RobertaTest {
  private static final String CONFIG =
      """
      {"model_type": "roberta", "vocab_size": 11, "hidden_size": 4, "num_hidden_layers": 1,
       "num_attention_heads": 2, "intermediate_size": 6, "max_position_embeddings": 8,
       "type_vocab_size": 1, "pad_token_id": 1, "layer_norm_eps": 1e-5, "num_labels": 3}
      """;
  private static final String TWO_LAYERS =
      CONFIG.replace("\"num_hidden_layers\": 1", "\"num_hidden_layers\": 2");
  private static final int[][] TEXTS = {{0, 5, 7, 3, 2}, {0, 9, 2, 1, 1}};
  private static final int[][] POSITIONS = {{2, 3, 4, 5, 6}, {2, 3, 4, 1, 1}};

  @TempDir Path folder;

  @Test
  void the_classifier_has_the_names_and_shapes_of_the_checkpoint() {
    assertThat(model("RobertaForSequenceClassification", CONFIG).declaration())
        .containsExactly(
            "roberta.embeddings.word_embeddings.weight [11, 4]",
            "roberta.embeddings.token_type_embeddings.weight [1, 4]",
            "roberta.embeddings.position_embeddings.weight [8, 4]",
            "roberta.embeddings.LayerNorm.weight [4]",
            "roberta.embeddings.LayerNorm.bias [4]",
            "roberta.encoder.layer.0.attention.self.query.weight [4, 4]",
            "roberta.encoder.layer.0.attention.self.query.bias [4]",
            "roberta.encoder.layer.0.attention.self.key.weight [4, 4]",
            "roberta.encoder.layer.0.attention.self.key.bias [4]",
            "roberta.encoder.layer.0.attention.self.value.weight [4, 4]",
            "roberta.encoder.layer.0.attention.self.value.bias [4]",
            "roberta.encoder.layer.0.attention.output.dense.weight [4, 4]",
            "roberta.encoder.layer.0.attention.output.dense.bias [4]",
            "roberta.encoder.layer.0.attention.output.LayerNorm.weight [4]",
            "roberta.encoder.layer.0.attention.output.LayerNorm.bias [4]",
            "roberta.encoder.layer.0.intermediate.dense.weight [6, 4]",
            "roberta.encoder.layer.0.intermediate.dense.bias [6]",
            "roberta.encoder.layer.0.output.dense.weight [4, 6]",
            "roberta.encoder.layer.0.output.dense.bias [4]",
            "roberta.encoder.layer.0.output.LayerNorm.weight [4]",
            "roberta.encoder.layer.0.output.LayerNorm.bias [4]",
            "classifier.dense.weight [4, 4]",
            "classifier.dense.bias [4]",
            "classifier.out_proj.weight [3, 4]",
            "classifier.out_proj.bias [3]");
  }

  @Test
  void the_other_heads_have_theirs() {
    assertThat(head("RobertaForTokenClassification"))
        .containsExactly("classifier.weight [3, 4]", "classifier.bias [3]");
    assertThat(head("RobertaForQuestionAnswering"))
        .containsExactly("qa_outputs.weight [2, 4]", "qa_outputs.bias [2]");
    assertThat(head("RobertaForMaskedLM"))
        .containsExactly(
            "lm_head.dense.weight [4, 4]",
            "lm_head.dense.bias [4]",
            "lm_head.layer_norm.weight [4]",
            "lm_head.layer_norm.bias [4]",
            "lm_head.bias [11]");
    assertThat(TinyModel.of(RobertaFamily.xlmRoberta(), "XLMRobertaModel", CONFIG).declaration())
        .startsWith("embeddings.word_embeddings.weight [11, 4]")
        .endsWith("pooler.dense.weight [4, 4]", "pooler.dense.bias [4]");
  }

  @Test
  void roberta_base_has_the_published_number_of_weights() {
    var config = RobertaFamily.roberta().presets().get("roberta-base");
    var base = RobertaFamily.roberta().declare(config, "RobertaModel");
    assertThat(ModelPlan.of(base).elements()).isEqualTo(124_645_632);
    assertThat(base.maxPositions()).isEqualTo(512);
  }

  @Test
  void classifies_as_the_equations_say() {
    TinyModel model = model("RobertaForSequenceClassification", TWO_LAYERS);
    compare(model).assertOutput("logits", text -> classified(model.weights(), text));
  }

  @Test
  void labels_tokens_and_finds_spans_as_the_equations_say() {
    TinyModel tokens = model("RobertaForTokenClassification", TWO_LAYERS);
    compare(tokens)
        .assertOutput(
            "logits",
            text -> StraightLine.flat(plain(tokens).linear(encoded(tokens, text), "classifier")));
    TinyModel spans = model("RobertaForQuestionAnswering", TWO_LAYERS);
    for (int side = 0; side < 2; side++) {
      int column = side;
      compare(spans)
          .assertOutput(
              side == 0 ? "start_logits" : "end_logits",
              text ->
                  Arrays.stream(plain(spans).linear(encoded(spans, text), "qa_outputs"))
                      .mapToDouble(row -> row[column])
                      .toArray());
    }
  }

  @Test
  void guesses_words_with_the_table_it_reads_them_with() {
    TinyModel model = model("RobertaForMaskedLM", TWO_LAYERS);
    compare(model)
        .assertOutput(
            "logits",
            text -> {
              StraightLine plain = plain(model);
              double[][] hidden =
                  plain.norm(
                      StraightLine.gelu(plain.linear(encoded(model, text), "lm_head.dense")),
                      "lm_head.layer_norm");
              return StraightLine.flat(
                  StraightLine.product(
                      hidden,
                      model.weights().get("roberta.embeddings.word_embeddings.weight"),
                      model.weights().get("lm_head.bias")));
            });
  }

  @Test
  void gradients_are_the_slopes_of_the_equations() {
    TinyModel model = model("RobertaForSequenceClassification", TWO_LAYERS);
    double[] pull = {0.7, -1.3, 0.4, 1.1, 0.2, -0.9};
    for (String name :
        List.of(
            "roberta.encoder.layer.0.attention.self.query.weight",
            "roberta.encoder.layer.1.output.LayerNorm.weight",
            "roberta.embeddings.position_embeddings.weight",
            "classifier.dense.bias",
            "classifier.out_proj.weight")) {
      double[] slopes =
          compare(model).slopes(name, pull, text -> classified(model.weights(), text));
      double[] gradient = compare(model).gradient(name, pull);
      for (int i = 0; i < slopes.length; i++) {
        boolean padding = name.contains("position") && i / 4 == 1;
        assertThat(gradient[i])
            .as("%s[%d]", name, i)
            .isCloseTo(padding ? 0 : slopes[i], within(1e-7));
      }
    }
  }

  @Test
  void the_longest_text_leaves_room_for_the_rows_of_padding() {
    TinyModel model = model("RobertaForSequenceClassification", CONFIG);
    try (var _ = Scope.open();
        Network network = model.network()) {
      Tensor ids = Tensor.of(new long[] {0, 5, 5, 5, 5, 5, 2}, 1, 7);
      assertThatThrownBy(
              () -> network.forward(Map.of("input_ids", ids), ForwardContext.inference()))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("positions for 6: truncate the text to 6 tokens");
    }
    assertThatThrownBy(
            () ->
                model(
                    "RobertaModel",
                    CONFIG.replace(
                        "\"max_position_embeddings\": 8", "\"max_position_embeddings\": 2")))
        .hasMessageContaining("max_position_embeddings is 2, expected more than 2");
  }

  @Test
  void a_head_of_one_task_gives_way_to_that_of_another() {
    TinyModel tokens = model("RobertaForTokenClassification", CONFIG);
    TinyModel texts = model("RobertaForSequenceClassification", CONFIG);
    try (var _ = Scope.open()) {
      SafetensorsWriter.write(folder.resolve(Checkpoint.SINGLE), tokens.state());
    }
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      var report = CheckpointWeights.match(texts.architecture(), checkpoint, true, 0).report();
      assertThat(report.fresh()).hasSize(4).allMatch(name -> name.startsWith("classifier."));
      assertThat(report.unread()).containsExactly("classifier.bias", "classifier.weight");
      assertThatThrownBy(() -> CheckpointWeights.match(texts.architecture(), checkpoint, false, 0))
          .hasMessageContaining("classifier.dense.weight: not in the checkpoint");
    }
  }

  /** The declaration after the encoder. */
  private static List<String> head(String architecture) {
    return model(architecture, CONFIG).declaration().stream()
        .filter(line -> !line.startsWith("roberta."))
        .toList();
  }

  private static TinyModel model(String architecture, String config) {
    return TinyModel.of(RobertaFamily.roberta(), architecture, config);
  }

  private static Comparison compare(TinyModel model) {
    return new Comparison(model, TEXTS, 1);
  }

  private static StraightLine plain(TinyModel model) {
    return new StraightLine(model.weights(), StraightLine.Names.ROBERTA, 2, 1e-5);
  }

  private static double[][] encoded(TinyModel model, int text) {
    return encoded(plain(model), text);
  }

  private static double[][] encoded(StraightLine plain, int text) {
    int[] ids = TEXTS[text];
    double[][] x =
        plain.embed(
            4,
            List.of(
                "roberta.embeddings.word_embeddings.weight",
                "roberta.embeddings.position_embeddings.weight",
                "roberta.embeddings.token_type_embeddings.weight"),
            ids,
            POSITIONS[text],
            new int[ids.length]);
    return plain.blocks(plain.norm(x, "roberta.embeddings.LayerNorm"), seen(ids), 2);
  }

  private static double[] classified(Map<String, double[]> weights, int text) {
    var plain = new StraightLine(weights, StraightLine.Names.ROBERTA, 2, 1e-5);
    double[][] first = {encoded(plain, text)[0]};
    double[][] hidden = StraightLine.map(plain.linear(first, "classifier.dense"), Math::tanh);
    return plain.linear(hidden, "classifier.out_proj")[0];
  }

  private static boolean[] seen(int[] ids) {
    boolean[] seen = new boolean[ids.length];
    for (int i = 0; i < ids.length; i++) {
      seen[i] = ids[i] != 1;
    }
    return seen;
  }
}
