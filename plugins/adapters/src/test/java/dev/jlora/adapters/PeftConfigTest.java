package dev.jlora.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
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
import org.junit.jupiter.params.provider.ValueSource;

/** adapter_config.json is PEFT's, key for key. */
class PeftConfigTest {
  private static final Path GOLDENS = Path.of("../../examples/src/test/resources/goldens");

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
    PeftConfig.read(original).write(folder);
    ObjectNode expected = Json.readObject(original.resolve(PeftConfig.FILE));
    ObjectNode actual = Json.readObject(folder.resolve(PeftConfig.FILE));
    expected.remove("peft_version");
    actual.remove("peft_version");
    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void keys_are_sorted_and_numbers_look_like_pefts() throws IOException {
    new PeftConfig(LoraSpec.builder().rank(4).alpha(16).targets("query").build(), "", "base")
        .write(folder);
    String text = Files.readString(folder.resolve(PeftConfig.FILE));
    assertThat(text).contains("\"lora_alpha\" : 16,").contains("\"r\" : 4,");
    List<String> keys = new ArrayList<>();
    Json.readObject(folder.resolve(PeftConfig.FILE)).fieldNames().forEachRemaining(keys::add);
    assertThat(keys).isSorted().hasSize(41);
  }

  @Test
  void old_and_short_files_are_read_with_pefts_defaults() throws IOException {
    write("{\"peft_type\": \"LORA\", \"target_modules\": [\"query\"], \"a_new_key\": 1}");
    PeftConfig config = PeftConfig.read(folder);
    assertThat(config.spec()).isEqualTo(LoraSpec.builder().targets("query").build());
    assertThat(config.taskType()).isEmpty();
  }

  @Test
  void a_single_layer_and_a_list_of_patterns_are_understood() throws IOException {
    write(
        """
        {"peft_type": "LORA", "target_modules": ["query"], "layers_to_transform": 2,
         "layers_pattern": ["h", "layer"]}
        """);
    LoraSpec spec = PeftConfig.read(folder).spec();
    assertThat(spec.layersToTransform()).containsExactly(2);
    assertThat(spec.layersPattern()).isEqualTo("h|layer");
    assertThat(spec.targetModules()).isEqualTo(Targets.names("query"));
  }

  @Test
  void what_cannot_be_computed_is_refused_by_name() throws IOException {
    assertRefused("{\"peft_type\": \"IA3\"}", "peft_type is 'IA3', expected 'LORA'");
    assertRefused("{\"peft_type\": \"LORA\", \"use_dora\": true}", "use_dora is true");
    assertRefused(
        "{\"peft_type\": \"LORA\", \"init_lora_weights\": \"pissa\"}",
        "init_lora_weights is \"pissa\", which changes the base weights");
    assertRefused("{\"peft_type\": \"LORA\", \"bias\": \"some\"}", "bias is 'some'");
    assertRefused("{\"peft_type\": \"LORA\", \"r\": 0}", "rank: got 0");
    assertRefused("{\"peft_type\": \"LORA\", \"target_modules\": 3}", "target_modules is 3");
    assertRefused("[1]", "expected an object");
  }

  private void assertRefused(String json, String message) throws IOException {
    write(json);
    assertThatThrownBy(() -> PeftConfig.read(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(message);
  }

  private void write(String json) throws IOException {
    Files.writeString(folder.resolve(PeftConfig.FILE), json);
  }
}
