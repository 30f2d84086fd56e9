package dev.jlora.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Targets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** adapter_config.json is PEFT's, key for key. */
class PeftConfigTest {
  private static final Path GOLDENS = Path.of("../distribution/src/test/resources/goldens");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lora-bert-seqcls",
        "lora-bert-seqcls-qv-linear",
        "bias-all-bert",
        "patterns-bert",
        "regex-bert"
      })
  void what_peft_wrote_is_written_again(String name) {
    Path original = GOLDENS.resolve(name).resolve("adapter_init");
    PeftConfig config = PeftConfig.read(original, LoraMethod.TRAITS);
    write(config.spec(LoraConfig::read), config.taskType(), config.baseModel());
    ObjectNode expected = Json.readObject(original.resolve(PeftConfig.FILE));
    ObjectNode actual = Json.readObject(folder.resolve(PeftConfig.FILE));
    expected.remove("peft_version");
    actual.remove("peft_version");
    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void keys_are_sorted_and_numbers_look_like_pefts() throws IOException {
    write(LoraSpec.builder().rank(4).alpha(16).targets("query").build(), "", "base");
    String text = Files.readString(folder.resolve(PeftConfig.FILE));
    assertThat(text).contains("\"lora_alpha\" : 16,").contains("\"r\" : 4,");
    List<String> keys = new ArrayList<>();
    Json.readObject(folder.resolve(PeftConfig.FILE)).fieldNames().forEachRemaining(keys::add);
    assertThat(keys).isSorted().hasSize(41);
  }

  @Test
  void old_and_short_files_are_read_with_pefts_defaults() throws IOException {
    write("{\"peft_type\": \"LORA\", \"target_modules\": [\"query\"], \"a_new_key\": 1}");
    PeftConfig config = PeftConfig.read(folder, LoraMethod.TRAITS);
    assertThat(config.spec(LoraConfig::read))
        .isEqualTo(LoraSpec.builder().targets("query").build());
    assertThat(config.taskType()).isEmpty();
  }

  @Test
  void a_single_layer_and_a_list_of_patterns_are_understood() throws IOException {
    write(
        """
        {"peft_type": "LORA", "target_modules": ["query"], "layers_to_transform": 2,
         "layers_pattern": ["h", "layer"]}
        """);
    LoraSpec spec = new LoraMethod().read(folder);
    assertThat(spec.layersToTransform()).containsExactly(2);
    assertThat(spec.layersPattern()).isEqualTo("h|layer");
    assertThat(spec.targetModules()).isEqualTo(Targets.names("query"));
  }

  @Test
  void what_cannot_be_computed_is_refused_by_name() throws IOException {
    assertRefused("{\"peft_type\": \"IA3\"}", "peft_type is 'IA3', expected 'LORA'");
    assertRefused("{\"peft_type\": \"LORA\", \"use_qalora\": true}", "use_qalora is true");
    assertRefused(
        "{\"peft_type\": \"LORA\", \"init_lora_weights\": \"lora_ga\"}",
        "init_lora_weights is 'lora_ga', which changes the base weights by training data");
    assertRefused(
        "{\"peft_type\": \"LORA\", \"init_lora_weights\": \"mica\"}",
        "init_lora_weights is \"mica\", expected an initialization such as true or \"pissa\"");
    assertRefused("{\"peft_type\": \"LORA\", \"bias\": \"some\"}", "bias is 'some'");
    assertRefused("{\"peft_type\": \"LORA\", \"r\": 0}", "rank: got 0");
    assertRefused("{\"peft_type\": \"LORA\", \"target_modules\": 3}", "target_modules is 3");
    assertRefused("[1]", "expected an object");
    assertRefused(
        "{\"peft_type\": \"LORA\", \"target_modules\": []}",
        "target_modules is [], expected names of modules: this adapter has no LoRA weights");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'r': 'eight' | r is \"eight\", expected a whole number",
        "'r': null | r is null, expected a whole number",
        "'r': 100000000 | rank: got 100000000, expected 1 to 65536",
        "'r': 1e300 | r is 1.0E300, expected a whole number",
        "'r': 99999999999999999999 | r is 99999999999999999999, expected a whole number",
        "'lora_alpha': [1] | lora_alpha is [1], expected a number",
        "'lora_alpha': 1e300 | alpha: got 1.0E300, expected a number above 0",
        "'lora_dropout': 1.5 | dropout: got 1.5, expected 0 or more and less than 1",
        "'use_rslora': 'yes' | use_rslora is \"yes\", expected true or false",
        "'target_modules': [1] | target_modules is [1], expected a list of names",
        "'target_modules': '(?<x>a)' | named groups are written (?P<name>...)",
        "'modules_to_save': 'classifier' | modules_to_save is \"classifier\", expected a list of"
            + " names",
        "'rank_pattern': [] | rank_pattern is [], expected an object from patterns to numbers",
        "'rank_pattern': {'a': 'b'} | rank_pattern 'a' is \"b\", expected a whole number",
        "'alpha_pattern': {'(': 2} | alpha_pattern '(': expected a regular expression",
        "'layers_to_transform': 'all' | layers_to_transform is \"all\", expected the index of a"
            + " layer",
        "'layers_to_transform': [1.5] | layers_to_transform is [1.5], expected the index of a"
            + " layer",
        "'layers_to_transform': 1, 'layers_pattern': 3 | layers_pattern is 3, expected a name",
        "'layers_to_transform': 1, 'layers_pattern': '(' | layers_pattern '(': expected a regular"
            + " expression",
        "'layer_replication': [[0, 1], null] | layer_replication is [[0,1],null], expected a list"
            + " of ranges",
        "'layer_replication': [[0, null]] | layer_replication is [[0,null]], expected a list of"
            + " ranges",
        "'trainable_token_indices': [null] | trainable_token_indices is [null], expected a list of"
            + " token ids",
        "'bias': true | bias is true, expected a text",
        "'task_type': {} | task_type is {}, expected a text",
        "'peft_type': 7 | peft_type is 7, expected a text",
        "'ensure_weight_tying': 1 | ensure_weight_tying is 1, expected true or false"
      },
      quoteCharacter = '~')
  void a_value_of_another_type_is_named_with_what_is_expected(String keys, String message)
      throws IOException {
    String type = keys.contains("peft_type") ? "" : "\"peft_type\": \"LORA\", ";
    String targets = keys.contains("target_modules") ? "" : "\"target_modules\": [\"query\"], ";
    assertRefused("{" + type + targets + keys.replace('\'', '"') + "}", message);
  }

  private void assertRefused(String json, String message) throws IOException {
    write(json);
    assertThatThrownBy(() -> new LoraMethod().read(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(message);
  }

  private void write(LoraSpec spec, String taskType, String baseModel) {
    PeftConfig common = PeftConfig.of(LoraMethod.TRAITS).with(spec, taskType, baseModel);
    LoraConfig.write(common, spec).write(folder);
  }

  private void write(String json) throws IOException {
    Files.writeString(folder.resolve(PeftConfig.FILE), json);
  }
}
