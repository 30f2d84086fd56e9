package dev.jlora.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.io.Checkpoint;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.model.ModelException;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.weights.CheckpointWeights;
import dev.jlora.model.weights.LoadReport;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.spec.TaskSpec;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a config.json becomes, and which checkpoints can start which task. */
class BertArchitecturesTest {
  private static final String WORDS = "bert.embeddings.word_embeddings.weight";

  @TempDir Path folder;

  @Test
  void an_empty_config_is_bert_base() {
    ModelPlan plan = plan("{}", BertArchitectures.BASE);
    assertThat(plan.elements()).isEqualTo(109_482_240);
    assertThat(plan.parameters().keySet())
        .startsWith("embeddings.word_embeddings.weight")
        .endsWith("pooler.dense.weight", "pooler.dense.bias")
        .contains("encoder.layer.11.attention.self.query.weight");
    assertThat(plan("{}", BertArchitectures.SEQUENCE).elements())
        .isEqualTo(109_482_240 + 2 * 768 + 2);
  }

  @Test
  void heads_without_a_pooler_declare_none() {
    for (String name :
        new String[] {BertArchitectures.TOKEN, BertArchitectures.MASKED, BertArchitectures.SPAN}) {
      assertThat(plan("{}", name).modules()).as(name).doesNotContain("bert.pooler");
    }
  }

  @Test
  void every_task_has_its_class() {
    BertFamily family = new BertFamily();
    assertThat(family.architecture(TaskSpec.SEQUENCE_CLASSIFICATION))
        .contains("BertForSequenceClassification");
    assertThat(family.architecture(TaskSpec.TOKEN_CLASSIFICATION))
        .contains("BertForTokenClassification");
    assertThat(family.architecture(TaskSpec.MASKED_LM)).contains("BertForMaskedLM");
    assertThat(family.architecture(TaskSpec.QUESTION_ANSWERING))
        .contains("BertForQuestionAnswering");
    assertThat(family.architecture("translation")).isEmpty();
  }

  @Test
  void what_is_not_supported_is_said_with_its_key() {
    assertRefused("{\"is_decoder\": true}", "describes a BERT decoder");
    assertRefused(
        "{\"position_embedding_type\": \"relative_key\"}",
        "position_embedding_type is 'relative_key', expected 'absolute'");
    assertRefused(
        "{\"hidden_size\": 30, \"num_attention_heads\": 4}",
        "hidden_size 30 is not a multiple of num_attention_heads 4");
    assertRefused("{\"num_hidden_layers\": 0}", "num_hidden_layers is 0, expected 1 or more");
    assertRefused("{\"vocab_size\": 5, \"pad_token_id\": 5}", "pad_token_id is 5, expected 0 to 4");
    assertThatThrownBy(() -> plan("{\"hidden_act\": \"mish\"}", BertArchitectures.BASE))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("activation: got 'mish'");
    assertThatThrownBy(() -> plan("{}", "BertForMultipleChoice"))
        .hasMessageContaining("the architecture 'BertForMultipleChoice'")
        .hasMessageContaining("BertForSequenceClassification");
  }

  /** As transformers declares it then: the bias beside the decoder is there and not used. */
  @Test
  void an_untied_decoder_has_a_weight_and_a_bias_of_its_own() {
    ModelPlan tied = plan("{}", BertArchitectures.MASKED);
    ModelPlan untied = plan("{\"tie_word_embeddings\": false}", BertArchitectures.MASKED);
    assertThat(tied.parameters().keySet()).doesNotContain("cls.predictions.decoder.weight");
    assertThat(untied.parameters().keySet())
        .containsAll(tied.parameters().keySet())
        .contains("cls.predictions.decoder.weight", "cls.predictions.decoder.bias");
    assertThat(untied.tiedWeights()).isEmpty();
    assertThat(untied.elements() - tied.elements()).isEqualTo(30522L * (768 + 1));
  }

  @Test
  void a_masked_language_model_starts_a_classifier_with_a_fresh_head() throws IOException {
    Golden golden = Golden.open("bert-mlm");
    try (Checkpoint checkpoint = golden.checkpoint()) {
      Architecture classifier =
          BertArchitectures.declare(golden.config(), BertArchitectures.SEQUENCE);
      LoadReport report = CheckpointWeights.match(classifier, checkpoint, true, 0).report();
      assertThat(report.line())
          .endsWith(
              "fresh: bert.pooler.dense, classifier (4 tensors); not used by this task:"
                  + " cls.predictions, cls.predictions.transform.LayerNorm,"
                  + " cls.predictions.transform.dense (5 tensors)");
      assertThatThrownBy(() -> CheckpointWeights.match(classifier, checkpoint, false, 0))
          .hasMessageContaining("classifier.weight: not in the checkpoint");
    }
  }

  @Test
  void a_base_model_without_prefix_starts_a_head_and_the_other_way_round() throws IOException {
    Golden base = Golden.open("bert-base-model");
    try (Checkpoint checkpoint = base.checkpoint()) {
      Architecture head = BertArchitectures.declare(base.config(), BertArchitectures.SPAN);
      assertThat(CheckpointWeights.match(head, checkpoint, true, 0).report().fresh())
          .containsExactly("qa_outputs.weight", "qa_outputs.bias");
    }
    Golden classifier = Golden.open("bert-seqcls");
    try (Checkpoint checkpoint = classifier.checkpoint()) {
      Architecture bare = BertArchitectures.declare(classifier.config(), BertArchitectures.BASE);
      assertThat(CheckpointWeights.match(bare, checkpoint, false, 0).report().unread())
          .containsExactlyInAnyOrder("classifier.weight", "classifier.bias");
    }
  }

  @Test
  void a_second_copy_of_the_tied_decoder_must_be_the_same() throws IOException {
    Golden golden = Golden.open("bert-mlm");
    Architecture masked = BertArchitectures.declare(golden.config(), BertArchitectures.MASKED);
    try (var _ = Scope.open()) {
      Map<String, Tensor> tensors = golden.tensors("base/model.safetensors");
      tensors.put("cls.predictions.decoder.weight", Ops.clone(tensors.get(WORDS)));
      tensors.put("bert.embeddings.position_ids", Tensor.zeros(DType.INT64, 1, 40));
      tensors.put("cls.seq_relationship.weight", Tensor.zeros(DType.FLOAT32, 2, 32));
      try (Checkpoint checkpoint = save(tensors)) {
        assertThat(CheckpointWeights.match(masked, checkpoint, false, 0).report().unread())
            .containsExactly("cls.seq_relationship.weight");
      }
      InPlace.mul(tensors.get("cls.predictions.decoder.weight"), 2);
      try (Checkpoint checkpoint = save(tensors)) {
        assertThatThrownBy(() -> CheckpointWeights.match(masked, checkpoint, false, 0))
            .hasMessageContaining(
                "cls.predictions.decoder.weight: differs from " + WORDS + ", which this model");
      }
    }
  }

  private Checkpoint save(Map<String, Tensor> tensors) {
    SafetensorsWriter.write(folder.resolve(Checkpoint.SINGLE), tensors);
    return Checkpoint.open(folder);
  }

  private static void assertRefused(String config, String message) {
    assertThatThrownBy(() -> plan(config, BertArchitectures.BASE))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(message);
  }

  private static ModelPlan plan(String config, String architecture) {
    return ModelPlan.of(
        BertArchitectures.declare(
            ModelConfig.of("config.json", Json.object(config, "config.json")), architecture));
  }
}
