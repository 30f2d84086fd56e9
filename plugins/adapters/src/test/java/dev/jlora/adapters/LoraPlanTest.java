package dev.jlora.adapters;

import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.model.Init;
import dev.jlora.model.ModelException;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spec.Bias;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.SpecException;
import dev.jlora.spec.Targets;
import dev.jlora.spi.AdapterContext;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A spec is resolved against a model by names and shapes alone: no native library is loaded. */
class LoraPlanTest {
  private static final long ALL = TinyEncoder.plan().elements();

  @Test
  void names_mean_every_module_that_ends_so() {
    TargetedPlan<LoraSpec> plan =
        plan(LoraSpec.builder().rank(2).targets("query", "layer.1.self.value"));
    assertThat(paths(plan))
        .containsExactly(
            "tiny.layer.0.self.query", "tiny.layer.1.self.query", "tiny.layer.1.self.value");
    assertThat(plan.trainable()).isEqualTo(3 * 2 * (8 + 8));
    assertThat(plan.all()).isEqualTo(ALL + plan.trainable());
  }

  @Test
  void all_linear_leaves_the_head_alone_when_the_task_trains_it() {
    TargetedPlan<LoraSpec> classifying = plan(LoraSpec.builder().allLinear(), "SEQ_CLS");
    assertThat(paths(classifying)).hasSize(12).doesNotContain("classifier");
    assertThat(paths(plan(LoraSpec.builder().allLinear()))).hasSize(13).contains("classifier");
  }

  @Test
  void the_task_keeps_its_head_trainable() {
    TargetedPlan<LoraSpec> plan =
        plan(LoraSpec.builder().rank(2).targets("query", "classifier"), "SEQ_CLS");
    assertThat(plan.saved().paths()).containsExactly("classifier");
    assertThat(paths(plan)).doesNotContain("classifier");
    assertThat(plan.trainable()).isEqualTo(2 * 2 * (8 + 8) + 8 * 3 + 3);
    assertThat(plan.all()).isEqualTo(ALL + plan.trainable());
  }

  @Test
  void biases_count_as_trainable_but_not_twice() {
    LoraSpec.Builder spec = LoraSpec.builder().rank(2).targets("query");
    long pairs = 2 * 2 * (8 + 8);
    TargetedPlan<LoraSpec> own = plan(spec.bias(Bias.LORA_ONLY));
    assertThat(own.trainable()).isEqualTo(pairs + 2 * 8);
    assertThat(own.all()).isEqualTo(ALL + pairs);
    TargetedPlan<LoraSpec> every = plan(spec.bias(Bias.ALL));
    assertThat(every.trainable()).isEqualTo(pairs + 2 * (4 * 8 + 8 + 8 + 16 + 8) + 3);
  }

  @Test
  void exclusion_layers_and_patterns_narrow_and_shape_the_choice() {
    TargetedPlan<LoraSpec> plan =
        plan(
            LoraSpec.builder()
                .targets("query", "up")
                .layers(1)
                .layersPattern("layer")
                .exclude("up")
                .rankOf("query", 3)
                .alphaOf("query", 6)
                .rslora());
    assertThat(plan.targets()).hasSize(1);
    LoraTarget target = (LoraTarget) plan.targets().getFirst();
    assertThat(target.path()).isEqualTo("tiny.layer.1.self.query");
    assertThat(target.rank()).isEqualTo(3);
    assertThat(target.scaling()).isEqualTo(6 / Math.sqrt(3));
  }

  @Test
  void without_targets_the_family_decides() {
    TargetedPlan<LoraSpec> plan =
        new LoraMethod()
            .plan(TinyEncoder.plan(), LoraSpec.defaults(), context("", List.of("value")));
    assertThat(paths(plan)).containsExactly("tiny.layer.0.self.value", "tiny.layer.1.self.value");
    assertThatThrownBy(
            () ->
                new LoraMethod()
                    .plan(TinyEncoder.plan(), LoraSpec.defaults(), context("", List.of())))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("target_modules: none are given");
  }

  @Test
  void a_name_that_means_nothing_is_answered_with_the_nearest() {
    assertThatThrownBy(() -> plan(LoraSpec.builder().targets("qery")))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith(
            "target_modules [qery] names no module of TinyForSequenceClassification."
                + " The nearest names are 'query'");
    assertThatThrownBy(() -> plan(LoraSpec.builder().targets("query").exclude("query")))
        .hasMessage(
            "exclude_modules [query] leaves none of the 2 modules that target_modules [query]"
                + " names");
    assertThatThrownBy(() -> plan(LoraSpec.builder().targets("query").layers(7)))
        .hasMessageContaining("target_modules [query] in the layers [7] names no module");
    assertThatThrownBy(() -> plan(LoraSpec.builder().targets("query").modulesToSave("poler")))
        .hasMessageContaining("modules_to_save: 'poler' names no module");
    assertThatThrownBy(() -> plan(LoraSpec.builder().targets("query"), "SEQ_CLASS"))
        .hasMessageContaining(
            "task_type: got 'SEQ_CLASS', expected one of 'SEQ_CLS', 'CAUSAL_LM',");
  }

  @Test
  void a_name_that_means_nothing_is_an_error_beside_others_that_mean_something() {
    LoraSpec.Builder spec =
        LoraSpec.builder()
            .targets("query", "valeu")
            .exclude("layer.9.self.query")
            .rankOf("qurey", 4)
            .rankOf("up", 4)
            .alphaOf("^query", 4)
            .layers(0, 44)
            .layersPattern("layer")
            .modulesToSave("clasifier");
    assertThatThrownBy(() -> plan(spec))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(
            "modules_to_save: 'clasifier' names no module of TinyForSequenceClassification;"
                + " the nearest are 'classifier'")
        .hasMessageContaining(
            "target_modules: 'valeu' names no module of TinyForSequenceClassification; the nearest"
                + " are 'value'")
        .hasMessageContaining("exclude_modules: 'layer.9.self.query' names no module of")
        .hasMessageContaining(
            "rank_pattern: 'qurey' matches none of the 1 modules that get an adapter; the nearest"
                + " are 'query'")
        .hasMessageContaining("rank_pattern: 'up' matches none")
        .hasMessageContaining("alpha_pattern: '^query' matches none")
        .hasMessageContaining(
            "layers_to_transform: 44 has no module that target_modules names; the layers of"
                + " TinyForSequenceClassification are 0 to 1");
    assertThatThrownBy(
            () -> plan(LoraSpec.builder().targets("query").exclude(Targets.regex("x.*"))))
        .hasMessageContaining("exclude_modules: the regular expression 'x.*' matches no module");
    assertThatThrownBy(() -> plan(LoraSpec.builder().targets("query", "1.self.key").layers(0)))
        .hasMessageContaining("target_modules: '1.self.key' names no module in the layers [0]");
    assertThatThrownBy(() -> plan(LoraSpec.builder().targets("classifier"), "SEQ_CLS"))
        .hasMessageContaining("names only modules that are trained in full: classifier");
  }

  @Test
  void a_rank_beyond_what_memory_can_hold_is_refused_by_its_key() {
    assertThatThrownBy(() -> LoraSpec.builder().rank(Integer.MAX_VALUE).alpha(1e300).build())
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("lora.rank: got 2147483647, expected 1 to 65536")
        .hasMessageContaining("lora.alpha: got 1.0E300, expected a number above 0, up to 1.0E9");
    assertThatThrownBy(
            () -> LoraSpec.builder().rankOf("a", 100_000_000).alphaOf("b", Double.NaN).build())
        .hasMessageContaining("rank_pattern 'a': got 100000000, expected 1 to 65536")
        .hasMessageContaining("alpha_pattern 'b': got NaN");
    ModelPlan wide =
        ModelPlan.of(
            Architecture.named("Wide").inputs("x").root(named("wide", linear(100_000, 8))));
    LoraSpec spec = LoraSpec.builder().rank(65_536).targets("wide").build();
    assertThatThrownBy(() -> new LoraMethod().plan(wide, spec, context("", List.of())))
        .hasMessage(
            "rank: got 65,536, which makes matrices of wide too large; expected at most 21,474"
                + " there");
  }

  @Test
  void a_parameter_without_a_matrix_of_its_own_cannot_be_a_target() {
    assertThatThrownBy(() -> plan(LoraSpec.builder().targets().targetParameters("self.query.bias")))
        .hasMessage(
            "target_parameters: tiny.layer.0.self.query.bias of the shape [8] is not supported,"
                + " expected the weight of a linear layer or of an embedding");
    assertThatThrownBy(() -> plan(LoraSpec.builder().targets().targetParameters("qurey.weight")))
        .hasMessageContaining(
            "target_parameters: 'qurey.weight' names no parameter of"
                + " TinyForSequenceClassification; the nearest are");
    assertThatThrownBy(
            () -> plan(LoraSpec.builder().targets("query").targetParameters("query.weight")))
        .hasMessageContaining("self.query is a target and also named apart");
    assertThatThrownBy(() -> plan(LoraSpec.builder().targets("words").loraBias()))
        .hasMessage(
            "lora_bias: tiny.words is an embedding, which takes none; exclude it, or leave"
                + " lora_bias out");
  }

  @Test
  void what_is_no_linear_cannot_be_a_target() {
    assertThatThrownBy(() -> plan(LoraSpec.builder().targets("self")))
        .hasMessageContaining(
            "names tiny.layer.0.self, which is no single layer; LoRA attaches to linear layers,"
                + " embeddings and convolutions");
  }

  @Test
  void a_head_to_save_is_every_path_that_ends_in_its_name() {
    ModelPlan model =
        ModelPlan.of(
            Architecture.named("Distilled")
                .inputs("input_ids")
                .root(
                    named("words", lookup("input_ids", embedding(20, 8, Init.normal(0.5)))),
                    named("query", linear(8, 8)),
                    named("pre_classifier", linear(8, 8)),
                    named("classifier.dense", linear(8, 8)),
                    named("classifier.out_proj", linear(8, 3))));
    LoraSpec spec = LoraSpec.builder().targets("query").build();
    TargetedPlan<LoraSpec> plan = new LoraMethod().plan(model, spec, context("SEQ_CLS", List.of()));
    assertThat(plan.saved().paths()).containsExactly("pre_classifier", "classifier");
    assertThat(plan.saved().parameters())
        .containsExactly(
            "pre_classifier.weight",
            "pre_classifier.bias",
            "classifier.dense.weight",
            "classifier.dense.bias",
            "classifier.out_proj.weight",
            "classifier.out_proj.bias");
  }

  @Test
  void the_shortest_names_that_mean_the_same_are_written() {
    assertThat(shortest(plan(LoraSpec.builder().allLinear(), "SEQ_CLS")))
        .containsExactly("dense", "down", "key", "query", "up", "value");
    AdapterContext one = context("", List.of("layer.1.self.query"));
    assertThat(shortest(new LoraMethod().plan(TinyEncoder.plan(), LoraSpec.defaults(), one)))
        .containsExactly("tiny.layer.1.self.query");
  }

  private static TargetedPlan<LoraSpec> plan(LoraSpec.Builder spec) {
    return plan(spec, "");
  }

  private static TargetedPlan<LoraSpec> plan(LoraSpec.Builder spec, String taskType) {
    return new LoraMethod().plan(TinyEncoder.plan(), spec.build(), context(taskType, List.of()));
  }

  private static AdapterContext context(String taskType, List<String> defaults) {
    return new AdapterContext(taskType, defaults, 0, "tiny");
  }

  private static List<String> shortest(TargetedPlan<?> plan) {
    return plan.written().names("target_modules");
  }

  private static List<String> paths(TargetedPlan<?> plan) {
    return plan.paths();
  }
}
