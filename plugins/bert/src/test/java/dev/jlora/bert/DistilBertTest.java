package dev.jlora.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.tensor.Scope;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** DistilBERT has its checkpoint's names and computes what its equations say. */
class DistilBertTest {
  private static final String CONFIG =
      """
      {"model_type": "distilbert", "vocab_size": 11, "dim": 4, "n_layers": 1, "n_heads": 2,
       "hidden_dim": 6, "max_position_embeddings": 7, "num_labels": 3}
      """;
  private static final String TWO_LAYERS = CONFIG.replace("\"n_layers\": 1", "\"n_layers\": 2");
  private static final int[][] TEXTS = {{4, 5, 7, 3, 2}, {4, 9, 2, 0, 0}};
  private static final int[] POSITIONS = {0, 1, 2, 3, 4};
  private static final DistilBertFamily FAMILY = new DistilBertFamily();

  @Test
  void the_classifier_has_the_names_and_shapes_of_the_checkpoint() {
    assertThat(model(DistilBertFamily.SEQUENCE, CONFIG).declaration())
        .containsExactly(
            "distilbert.embeddings.word_embeddings.weight [11, 4]",
            "distilbert.embeddings.position_embeddings.weight [7, 4]",
            "distilbert.embeddings.LayerNorm.weight [4]",
            "distilbert.embeddings.LayerNorm.bias [4]",
            "distilbert.transformer.layer.0.attention.q_lin.weight [4, 4]",
            "distilbert.transformer.layer.0.attention.q_lin.bias [4]",
            "distilbert.transformer.layer.0.attention.k_lin.weight [4, 4]",
            "distilbert.transformer.layer.0.attention.k_lin.bias [4]",
            "distilbert.transformer.layer.0.attention.v_lin.weight [4, 4]",
            "distilbert.transformer.layer.0.attention.v_lin.bias [4]",
            "distilbert.transformer.layer.0.attention.out_lin.weight [4, 4]",
            "distilbert.transformer.layer.0.attention.out_lin.bias [4]",
            "distilbert.transformer.layer.0.sa_layer_norm.weight [4]",
            "distilbert.transformer.layer.0.sa_layer_norm.bias [4]",
            "distilbert.transformer.layer.0.ffn.lin1.weight [6, 4]",
            "distilbert.transformer.layer.0.ffn.lin1.bias [6]",
            "distilbert.transformer.layer.0.ffn.lin2.weight [4, 6]",
            "distilbert.transformer.layer.0.ffn.lin2.bias [4]",
            "distilbert.transformer.layer.0.output_layer_norm.weight [4]",
            "distilbert.transformer.layer.0.output_layer_norm.bias [4]",
            "pre_classifier.weight [4, 4]",
            "pre_classifier.bias [4]",
            "classifier.weight [3, 4]",
            "classifier.bias [3]");
  }

  @Test
  void the_other_heads_have_theirs() {
    assertThat(head(DistilBertFamily.TOKEN))
        .containsExactly("classifier.weight [3, 4]", "classifier.bias [3]");
    assertThat(head(DistilBertFamily.SPAN))
        .containsExactly("qa_outputs.weight [2, 4]", "qa_outputs.bias [2]");
    assertThat(head(DistilBertFamily.MASKED))
        .containsExactly(
            "vocab_transform.weight [4, 4]",
            "vocab_transform.bias [4]",
            "vocab_layer_norm.weight [4]",
            "vocab_layer_norm.bias [4]",
            "vocab_projector.bias [11]");
  }

  @Test
  void distilbert_base_has_the_published_number_of_weights() {
    var config = FAMILY.presets().get("distilbert-base");
    assertThat(ModelPlan.of(FAMILY.declare(config, DistilBertFamily.BASE)).elements())
        .isEqualTo(66_362_880);
    assertThat(ModelPlan.of(FAMILY.declare(config, DistilBertFamily.SEQUENCE)).elements())
        .isEqualTo(66_955_010);
  }

  @Test
  void classifies_as_the_equations_say() {
    TinyModel model = model(DistilBertFamily.SEQUENCE, TWO_LAYERS);
    compare(model).assertOutput("logits", text -> classified(model, text));
  }

  @Test
  void labels_tokens_and_finds_spans_as_the_equations_say() {
    TinyModel tokens = model(DistilBertFamily.TOKEN, TWO_LAYERS);
    compare(tokens)
        .assertOutput(
            "logits",
            text -> StraightLine.flat(plain(tokens).linear(encoded(tokens, text), "classifier")));
    TinyModel spans = model(DistilBertFamily.SPAN, TWO_LAYERS);
    compare(spans)
        .assertOutput(
            "end_logits",
            text ->
                Arrays.stream(plain(spans).linear(encoded(spans, text), "qa_outputs"))
                    .mapToDouble(row -> row[1])
                    .toArray());
  }

  @Test
  void guesses_words_with_the_table_it_reads_them_with() {
    TinyModel model = model(DistilBertFamily.MASKED, TWO_LAYERS);
    compare(model)
        .assertOutput(
            "logits",
            text -> {
              StraightLine plain = plain(model);
              double[][] hidden =
                  plain.norm(
                      StraightLine.gelu(plain.linear(encoded(model, text), "vocab_transform")),
                      "vocab_layer_norm");
              return StraightLine.flat(
                  StraightLine.product(
                      hidden,
                      model.weights().get(DistilBertLayers.WORDS),
                      model.weights().get("vocab_projector.bias")));
            });
  }

  @Test
  void gradients_are_the_slopes_of_the_equations() {
    TinyModel model = model(DistilBertFamily.SEQUENCE, TWO_LAYERS);
    double[] pull = {0.7, -1.3, 0.4, 1.1, 0.2, -0.9};
    for (String name :
        List.of(
            "distilbert.transformer.layer.0.attention.q_lin.weight",
            "distilbert.transformer.layer.1.sa_layer_norm.weight",
            "pre_classifier.weight")) {
      assertThat(compare(model).gradient(name, pull))
          .as(name)
          .containsExactly(
              compare(model).slopes(name, pull, text -> classified(model, text)), within(1e-7));
    }
  }

  @Test
  void dropout_is_drawn_in_training_alone_and_where_the_config_puts_it() {
    String still =
        CONFIG.replace(
            "\"n_heads\": 2", "\"n_heads\": 2, \"dropout\": 0.0, \"attention_dropout\": 0.0");
    assertThat(draws(still.replace("}", ", \"seq_classif_dropout\": 0.0}"))).isFalse();
    assertThat(draws(still.replace("}", ", \"seq_classif_dropout\": 0.5}"))).isTrue();
  }

  @Test
  void what_makes_no_sense_is_said_with_its_key() {
    assertThatThrownBy(
            () -> model(DistilBertFamily.BASE, CONFIG.replace("\"n_heads\": 2", "\"n_heads\": 3")))
        .hasMessageContaining("dim 4 is not a multiple of n_heads 3");
    assertThatThrownBy(() -> model("DistilBertForMultipleChoice", CONFIG))
        .hasMessageContaining("DistilBERT family does not have");
  }

  /** Whether a training pass took random numbers. */
  private static boolean draws(String config) {
    try (var _ = Scope.open();
        Network network = model(DistilBertFamily.SEQUENCE, config).network()) {
      var random = new RandomStream(3);
      network.forward(Batches.of(TEXTS, 0), ForwardContext.training(Tape.off(), random));
      return random.offset() > 0;
    }
  }

  private static List<String> head(String architecture) {
    return model(architecture, CONFIG).declaration().stream()
        .filter(line -> !line.startsWith("distilbert."))
        .toList();
  }

  private static TinyModel model(String architecture, String config) {
    return TinyModel.of(FAMILY, architecture, config);
  }

  private static Comparison compare(TinyModel model) {
    return new Comparison(model, TEXTS, 0);
  }

  private static StraightLine plain(TinyModel model) {
    return new StraightLine(model.weights(), StraightLine.Names.DISTILBERT, 2, 1e-12);
  }

  private static double[][] encoded(TinyModel model, int text) {
    StraightLine plain = plain(model);
    double[][] x =
        plain.embed(
            4,
            List.of(DistilBertLayers.WORDS, "distilbert.embeddings.position_embeddings.weight"),
            TEXTS[text],
            POSITIONS);
    boolean[] seen = new boolean[POSITIONS.length];
    for (int i = 0; i < seen.length; i++) {
      seen[i] = TEXTS[text][i] != 0;
    }
    return plain.blocks(plain.norm(x, "distilbert.embeddings.LayerNorm"), seen, 2);
  }

  private static double[] classified(TinyModel model, int text) {
    StraightLine plain = plain(model);
    double[][] first = {encoded(model, text)[0]};
    double[][] hidden =
        StraightLine.map(plain.linear(first, "pre_classifier"), v -> Math.max(v, 0));
    return plain.linear(hidden, "classifier")[0];
  }
}
