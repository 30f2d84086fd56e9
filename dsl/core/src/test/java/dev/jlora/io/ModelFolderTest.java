package dev.jlora.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
  @TempDir Path folder;

  @Test
  void a_config_is_read_by_type_and_complains_by_key() throws IOException {
    ModelConfig config =
        config(
            """
            {"model_type": "bert", "hidden_size": 128, "layer_norm_eps": 1e-12, "classifier_dropout": null,
             "is_decoder": false, "architectures": ["BertForMaskedLM"], "hidden_act": "gelu"}\
            """);
    assertThat(config.integer("hidden_size")).isEqualTo(128);
    assertThat(config.number("layer_norm_eps")).isEqualTo(1e-12);
    assertThat(config.number("classifier_dropout", 0.1)).isEqualTo(0.1);
    assertThat(config.flag("is_decoder")).isFalse();
    assertThat(config.architectures()).containsExactly("BertForMaskedLM");
    assertThat(config.labels()).isEmpty();
    assertThat(config.numLabels()).isEqualTo(2);
    assertThatThrownBy(() -> config.integer("vocab_size"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("config.json: key 'vocab_size' is missing, expected a whole number");
    assertThatThrownBy(() -> config.integer("hidden_act"))
        .hasMessageContaining("key 'hidden_act' is \"gelu\", expected a whole number");
    assertThatThrownBy(() -> config.text("classifier_dropout")).hasMessageContaining("is null");
  }

  @Test
  void labels_come_in_the_order_of_their_ids() throws IOException {
    ModelConfig config = config("{\"id2label\": {\"1\": \"pos\", \"0\": \"neg\"}}");
    assertThat(config.labels()).containsExactly("neg", "pos");
    ModelConfig changed = config.withLabels(List.of("a", "b", "c")).with("problem_type", "x");
    assertThat(changed.labels()).containsExactly("a", "b", "c");
    assertThat(changed.json().path("label2id").path("c").asInt()).isEqualTo(2);
    assertThat(changed.problemType()).hasValue("x");
    assertThat(config.labels()).hasSize(2);
    assertThat(config("{\"num_labels\": 3}").labels())
        .containsExactly("LABEL_0", "LABEL_1", "LABEL_2");
    assertThatThrownBy(() -> config("{\"id2label\": {\"1\": \"pos\"}}").labels())
        .hasMessageContaining("none for id 0");
  }

  @Test
  void the_smaller_limit_of_tokenizer_and_model_counts() throws IOException {
    config("{\"max_position_embeddings\": 512}");
    assertThat(ModelFolder.open(folder).maxLength()).hasValue(512);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"model_max_length\": 128}");
    assertThat(ModelFolder.open(folder).maxLength()).hasValue(128);
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"model_max_length\": 1000000000000000019884624838656}");
    assertThat(ModelFolder.open(folder).maxLength()).hasValue(512);
    config("{}");
    assertThat(ModelFolder.open(folder).maxLength()).isEmpty();
  }

  @Test
  void a_limit_of_the_tokenizer_that_is_no_number_is_refused() throws IOException {
    config("{}");
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"model_max_length\": \"128\"}");
    assertThatThrownBy(() -> ModelFolder.open(folder).tokenizerLimit())
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("tokenizer_config.json")
        .hasMessageContaining("model_max_length")
        .hasMessageContaining("expected a number");
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"model_max_length\": null}");
    assertThat(ModelFolder.open(folder).tokenizerLimit()).isEmpty();
  }

  @Test
  void what_belongs_to_the_model_is_copied_along() throws IOException {
    config("{}");
    Files.writeString(folder.resolve("tokenizer.json"), "{}");
    Files.writeString(folder.resolve("vocab.txt"), "a\nb\n");
    Files.writeString(folder.resolve("notes.txt"), "mine");
    Path target = folder.resolve("merged");
    ModelFolder.open(folder).copyCompanions(target);
    assertThat(target.resolve("vocab.txt")).hasContent("a\nb\n");
    assertThat(target.resolve("tokenizer.json")).exists();
    assertThat(target.resolve("notes.txt")).doesNotExist();
  }

  @Test
  void what_is_missing_is_told_with_the_remedy() throws IOException {
    assertThatThrownBy(() -> ModelFolder.open(folder.resolve("bert-base-uncased")))
        .hasMessageContaining("no such folder")
        .hasMessageContaining("download one first");
    assertThatThrownBy(() -> ModelFolder.open(folder)).hasMessageContaining("has no config.json");
    config("{}");
    Files.writeString(folder.resolve("vocab.txt"), "a");
    assertThatThrownBy(() -> ModelFolder.open(folder).tokenizer())
        .hasMessageContaining("has no tokenizer.json, only the vocabulary")
        .hasMessageContaining("save_pretrained");
    Files.writeString(folder.resolve("config.json"), "{\"a\": 1, \"a\": 2}");
    assertThatThrownBy(() -> ModelFolder.open(folder).config())
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("is not valid JSON at line 1");
  }

  private ModelConfig config(String json) throws IOException {
    return ModelConfig.read(Files.writeString(folder.resolve("config.json"), json));
  }
}
