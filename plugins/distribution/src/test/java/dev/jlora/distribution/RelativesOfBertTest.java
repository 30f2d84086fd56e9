package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.host.Plugins;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterSummary;
import dev.jlora.spi.ModelFamily;
import org.junit.jupiter.api.Test;

/** What PEFT trains of RoBERTa and DistilBERT, by the counts it prints for them. */
class RelativesOfBertTest {
  @Test
  void distilbert_trains_both_layers_of_its_head() {
    AdapterSummary plan = plan("distilbert", "distilbert-base", LoraSpec.builder().rank(4).build());
    assertThat(plan.savedModules()).containsExactly("pre_classifier", "classifier");
    assertThat(plan.targets())
        .hasSize(12)
        .startsWith("distilbert.transformer.layer.0.attention.q_lin");
    assertThat(LoraSpec.builder().targets("q_lin").rank(4).build())
        .extracting(spec -> plan("distilbert", "distilbert-base", spec).counts())
        .isEqualTo("trainable params: 628,994 || all params: 67,584,004 || trainable%: 0.9307");
  }

  @Test
  void roberta_saves_its_head_as_one_module() {
    AdapterSummary plan = plan("roberta", "roberta-large", LoraSpec.builder().rank(8).build());
    assertThat(plan.savedModules()).containsExactly("classifier");
    assertThat(plan.targets())
        .hasSize(48)
        .endsWith("roberta.encoder.layer.23.attention.self.value");
    assertThat(plan.trainable()).isEqualTo(1_838_082);
  }

  private static AdapterSummary plan(String modelType, String preset, LoraSpec spec) {
    ModelFamily family = Plugins.load().families().get(modelType);
    Architecture architecture =
        family.declare(
            family.presets().get(preset),
            family.architecture(TaskSpec.SEQUENCE_CLASSIFICATION).orElseThrow());
    return Plugins.load()
        .adapters()
        .get("lora")
        .planOf(
            ModelPlan.of(architecture),
            spec,
            new AdapterContext("SEQ_CLS", family.defaultTargets(), 0, preset))
        .summary();
  }
}
