package dev.jlora.adapters.norms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.adapters.TinyEncoder;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spec.SpecException;
import dev.jlora.spec.Targets;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LN tuning trains copies of modules, under PEFT's keys. */
class LnTuningTest {
  private static final LnTuningMethod METHOD = new LnTuningMethod();

  @TempDir Path folder;
  private long live;
  private Scope scope;
  private Network network;

  @BeforeEach
  void open() {
    live = Tensor.live();
    scope = Scope.open();
    network = TinyEncoder.network(DType.FLOAT32);
  }

  @AfterEach
  void close_and_leave_nothing() {
    scope.close();
    network.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void norms_are_trained_beside_those_of_the_base_and_saved_under_pefts_keys() {
    TargetedPlan<LnTuningSpec> plan = plan(LnTuningSpec.builder().targets("LayerNorm").build());
    assertThat(plan.summary().targets())
        .containsExactly("tiny.layer.0.output.LayerNorm", "tiny.layer.1.output.LayerNorm");
    assertThat(plan.summary().savedModules()).containsExactly("classifier");
    long norms = 2 * (8 + 8);
    long head = 8 * 3 + 3;
    assertThat(plan.summary().trainable()).isEqualTo(norms + head);
    assertThat(plan.summary().all()).isEqualTo(network.plan().elements() + norms + head);
    Adapter adapter = network.adapt(plan.create(network));
    assertThat(adapter.parameters())
        .extracting(Parameter::name)
        .contains("tiny.layer.0.output.LayerNorm.weight", "tiny.layer.0.output.LayerNorm.bias");
    assertThat(network.parameters()).noneMatch(Parameter::trainable);
    adapter.save(folder);
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(AdapterKeys.FILE))) {
      assertThat(file.entries().keySet())
          .containsExactlyInAnyOrder(
              "base_model.model.tiny.layer.0.output.LayerNorm.ln_tuning_layers.weight",
              "base_model.model.tiny.layer.0.output.LayerNorm.ln_tuning_layers.bias",
              "base_model.model.tiny.layer.1.output.LayerNorm.ln_tuning_layers.weight",
              "base_model.model.tiny.layer.1.output.LayerNorm.ln_tuning_layers.bias",
              "base_model.model.classifier.weight",
              "base_model.model.classifier.bias");
    }
    assertThat(Json.readObject(folder.resolve(PeftConfig.FILE)).path("target_modules").toString())
        .isEqualTo("[\"LayerNorm\"]");
  }

  /** PEFT copies any layer; its own defaults for one family name embeddings. */
  @Test
  void other_layers_can_be_targets() {
    TargetedPlan<LnTuningSpec> plan =
        plan(LnTuningSpec.builder().targets("words", "norm", "down").exclude("1.down").build());
    assertThat(plan.summary().targets())
        .containsExactly(
            "tiny.words", "tiny.layer.0.norm", "tiny.layer.0.down", "tiny.layer.1.norm");
    assertThat(plan.summary().trainable()).isEqualTo(20 * 8 + 2 * 16 + 16 * 8 + 8 + 8 * 3 + 3);
  }

  @Test
  void two_adapters_of_the_same_norms_cannot_run_together() {
    network.attach("a", plan(LnTuningSpec.builder().targets("norm").build()).create(network));
    network.attach("b", plan(LnTuningSpec.builder().targets("norm").build()).create(network));
    assertThatThrownBy(() -> network.select(AdapterSelection.of(Map.of("a", 0.5, "b", 0.5))))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("only one of the adapters that run together may");
  }

  @Test
  void names_without_a_module_and_contradictions_are_refused() {
    assertThatThrownBy(() -> plan(LnTuningSpec.builder().targets("LayerNrm").build()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("names no module")
        .hasMessageContaining("LayerNorm");
    assertThatThrownBy(() -> plan(LnTuningSpec.builder().targets("self").build()))
        .hasMessageContaining("names tiny.layer.0.self, which is no single layer")
        .hasMessageContaining(
            "LN tuning attaches to linear layers, embeddings, convolutions and norms");
    assertThatThrownBy(() -> LnTuningSpec.builder().targets(new Targets.Names(List.of())).build())
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("ln-tuning.target_modules: got an empty list");
  }

  private TargetedPlan<LnTuningSpec> plan(LnTuningSpec spec) {
    AdapterContext context = new AdapterContext("SEQ_CLS", List.of("LayerNorm"), 1, "tiny");
    return METHOD.plan(network.plan(), spec, context);
  }
}
