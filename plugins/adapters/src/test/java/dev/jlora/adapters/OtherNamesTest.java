package dev.jlora.adapters;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.Aliases;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spec.Bias;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Modules that go by two names: targets in either, files in either. */
class OtherNamesTest {
  private static final AdapterContext CONTEXT = new AdapterContext("SEQ_CLS", List.of(), 5, "tiny");

  @TempDir Path folder;

  @Test
  void targets_may_be_written_in_the_other_names() {
    ModelPlan model = ModelPlan.of(architecture());
    assertThat(paths(model, spec("q_proj")))
        .isEqualTo(paths(model, spec("query")))
        .containsExactly("tiny.layer.0.self.query", "tiny.layer.1.self.query");
    LoraSpec patterns =
        LoraSpec.builder().targets("q_proj").rankOf("1.attention.q_proj", 2).build();
    assertThat(new LoraMethod().plan(model, patterns, CONTEXT).targets())
        .extracting(target -> ((LoraTarget) target).rank())
        .containsExactly(8, 2);
  }

  @Test
  void a_job_in_the_other_names_writes_those_and_any_other_job_writes_both() {
    assertThat(savedKeys("q_proj"))
        .contains("base_model.model.tiny.layer.0.attention.q_proj.lora_A.weight")
        .noneMatch(key -> key.contains("self.query"));
    assertThat(targets()).containsExactly("q_proj");
    for (String mixed : List.of("query", "query,classifier", "query,up")) {
      assertThat(savedKeys(mixed.split(",")))
          .contains("base_model.model.tiny.layer.0.self.query.lora_A.weight")
          .contains("base_model.model.tiny.layer.0.attention.q_proj.lora_A.weight");
      assertThat(targets()).contains("query", "q_proj").doesNotContain("classifier");
    }
  }

  @Test
  void patterns_and_exclusions_are_written_for_both_names() {
    LoraSpec spec =
        LoraSpec.builder()
            .targets("query", "up")
            .exclude("layer.0.up")
            .rankOf("1.self.query", 2)
            .bias(Bias.LORA_ONLY)
            .build();
    assertThat(savedKeys(spec))
        .contains(
            "base_model.model.tiny.layer.1.attention.q_proj.base_layer.bias",
            "base_model.model.tiny.layer.1.self.query.base_layer.bias");
    ObjectNode json = Json.readObject(folder.resolve(PeftConfig.FILE));
    assertThat(json.path("exclude_modules").isNull()).isTrue();
    assertThat(json.path("rank_pattern").toString())
        .isEqualTo(
            "{\"tiny\\\\.layer\\\\.1\\\\.self\\\\.query\":2,"
                + "\"tiny\\\\.layer\\\\.1\\\\.attention\\\\.q_proj\":2}");
    try (Network network = network()) {
      assertThat(new LoraMethod().saved(network.plan(), folder).summary().targets())
          .containsExactly("tiny.layer.0.self.query", "tiny.layer.1.self.query", "tiny.layer.1.up");
    }
  }

  @Test
  void names_that_both_namings_have_do_not_hide_those_of_one() {
    ModelPlan model = ModelPlan.of(architecture());
    LoraSpec spec = LoraSpec.builder().targets("q_proj", "up").exclude("q_proj").build();
    assertThat(paths(model, spec)).containsExactly("tiny.layer.0.up", "tiny.layer.1.up");
    LoraSpec saving = LoraSpec.builder().targets("up").modulesToSave("q_proj").build();
    assertThat(new LoraMethod().plan(model, saving, CONTEXT).saved().paths())
        .containsExactly("tiny.layer.0.self.query", "tiny.layer.1.self.query", "classifier");
    assertThat(savedKeys(saving))
        .contains(
            "base_model.model.tiny.layer.0.self.query.weight",
            "base_model.model.tiny.layer.0.attention.q_proj.weight");
  }

  @Test
  void an_adapter_in_either_names_is_loaded() {
    for (String written : List.of("query", "q_proj")) {
      for (String named : List.of("query", "q_proj")) {
        try (Network network = network();
            Network other = network()) {
          Adapter saved = network.adapt(adapter(network, spec(written)));
          saved.save(folder);
          rename(named);
          Adapter loaded =
              other.adapt(new LoraMethod().saved(other.plan(), folder).read(other, folder));
          for (int i = 0; i < saved.parameters().size(); i++) {
            Parameter expected = saved.parameters().get(i);
            Parameter actual = loaded.parameters().get(i);
            assertThat(actual.name()).isEqualTo(expected.name());
            assertThat(actual.value().toFloats()).isEqualTo(expected.value().toFloats());
          }
        }
      }
    }
  }

  private static Adapter adapter(Network network, LoraSpec spec) {
    return new LoraMethod().plan(network.plan(), spec, CONTEXT).create(network);
  }

  /** Writes another target into the saved config, as if the file came from elsewhere. */
  private void rename(String target) {
    Path file = folder.resolve(PeftConfig.FILE);
    ObjectNode json = Json.readObject(file);
    json.putArray("target_modules").add(target);
    Json.write(file, json);
  }

  private List<String> targets() {
    List<String> targets = new ArrayList<>();
    Json.readObject(folder.resolve(PeftConfig.FILE))
        .path("target_modules")
        .forEach(name -> targets.add(name.asText()));
    return targets;
  }

  private List<String> savedKeys(String... targets) {
    return savedKeys(spec(targets));
  }

  private List<String> savedKeys(LoraSpec spec) {
    try (Network network = network()) {
      network.adapt(adapter(network, spec)).save(folder);
    }
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(AdapterKeys.FILE))) {
      return List.copyOf(file.entries().keySet());
    }
  }

  private static List<String> paths(ModelPlan model, LoraSpec spec) {
    return new LoraMethod().plan(model, spec, CONTEXT).paths();
  }

  private static LoraSpec spec(String... targets) {
    return LoraSpec.builder().targets(targets).init(LoraInit.RANDOM).build();
  }

  private static Network network() {
    return Network.of(architecture(), new RandomWeights(11), DType.FLOAT32);
  }

  private static Architecture architecture() {
    return Architecture.named("TinyForSequenceClassification")
        .inputs("input_ids", "attention_mask")
        .heads("classifier")
        .aliases(new Aliases(Map.of("self.query", "attention.q_proj")))
        .root(TinyEncoder.architecture().root());
  }
}
