package dev.jlora.peft;

import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static dev.jlora.model.layers.Layers.repeat;
import static dev.jlora.model.layers.Layers.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.Init;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.spec.Targets;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterPlan;
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

/** What a method gets that says no more than what one of its targets is. */
class TargetedMethodTest {
  private static final VectorMethod VECTORS = new VectorMethod();
  private static final AdapterContext CONTEXT =
      new AdapterContext("SEQ_CLS", List.of("value"), 1, "tiny");

  @TempDir Path folder;
  private long live;
  private Scope scope;
  private Network network;

  @BeforeEach
  void open() {
    live = Tensor.live();
    scope = Scope.open();
    network = Network.of(architecture(), new RandomWeights(11), DType.FLOAT32);
  }

  @AfterEach
  void close_and_leave_nothing() {
    scope.close();
    network.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void counts_are_pefts_and_what_is_never_trained_is_counted_as_such() {
    AdapterPlan plan = plan(spec("query", "key"));
    long vectors = 4 * (8 + 4);
    long shared = 2 * 4 * 8;
    long head = 8 * 3 + 3;
    assertThat(plan.summary().targets()).hasSize(4);
    assertThat(plan.summary().savedModules()).containsExactly("classifier");
    assertThat(plan.summary().trainable()).isEqualTo(vectors + head);
    assertThat(plan.summary().all()).isEqualTo(network.plan().elements() + vectors + shared + head);
    try (Adapter adapter = plan.create(network)) {
      assertThat(adapter.parameters().stream().mapToLong(Parameter::elements).sum())
          .isEqualTo(plan.summary().trainable());
    }
  }

  @Test
  void a_parameter_may_start_from_the_weight_of_its_module() {
    try (Adapter adapter = plan(spec("query")).create(network)) {
      float[] weight = network.parameter("tiny.layer.0.query.weight").value().toFloats();
      double squares = 0;
      for (int i = 0; i < 8; i++) {
        squares += weight[i] * weight[i];
      }
      Parameter start = adapter.layers().get("tiny.layer.0.query").parameters().getFirst();
      assertThat(start.name()).isEqualTo("tiny.layer.0.query.vector_b");
      assertThat((double) start.value().toFloats()[0]).isCloseTo(Math.sqrt(squares), within(1e-5));
    }
  }

  @Test
  void a_layer_has_the_parameters_that_its_target_declares() {
    VectorMethod.layersHide = true;
    try {
      assertThatThrownBy(() -> plan(spec("query")).create(network))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("vectors: a target declares the parameters [tiny.layer.0.query.")
          .hasMessageEndingWith(", and its layer has []");
    } finally {
      VectorMethod.layersHide = false;
    }
  }

  @Test
  void names_and_expressions_of_a_methods_own_key_are_matched_as_targets_are() {
    List<String> names = List.of("tiny.layer.0.query", "tiny.layers.0.q_proj");
    assertThat(ModuleMatcher.of("feedforward_modules", Targets.names("q_proj")).matches(names))
        .isTrue();
    assertThat(ModuleMatcher.of("feedforward_modules", Targets.regex(".*0")).matches(names))
        .isFalse();
  }

  @Test
  void an_adapter_is_saved_and_loaded_bit_for_bit_with_what_its_targets_share() {
    var spec =
        new VectorMethod.Spec(
            4, Map.of("layer.1.key", 2.0), Targets.names("query", "key"), List.of());
    Adapter adapter = network.adapt(plan(spec).create(network));
    float[] adapted = logits(network);
    adapter.save(folder);
    try (var file = SafetensorsFile.open(folder.resolve(AdapterKeys.FILE))) {
      assertThat(file.entries())
          .containsKeys(
              "base_model.vector_A",
              "base_model.vector_B",
              "base_model.model.tiny.layer.1.key.vector_d",
              "base_model.model.classifier.weight")
          .hasSize(2 + 4 * 2 + 2);
    }
    try (Network other = Network.of(architecture(), new RandomWeights(11), DType.FLOAT32)) {
      AdapterPlan saved = VECTORS.saved(other.plan(), folder);
      assertThat(saved.spec()).isEqualTo(spec);
      other.adapt(saved.read(other, folder));
      assertThat(logits(other)).containsExactly(adapted);
      other.merge();
      assertThat(logits(other)).containsExactly(adapted, within(1e-5f));
    }
  }

  @Test
  void a_file_that_does_not_fit_is_answered_with_every_key() {
    try (Adapter adapter = plan(spec("query")).create(network)) {
      adapter.save(folder);
    }
    var wider = new VectorMethod.Spec(2, Map.of(), Targets.names("query", "key"), List.of());
    try (Adapter adapter = plan(wider).create(network)) {
      assertThatThrownBy(() -> adapter.restore(folder))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining(
              "query.vector_d: got shape [4], expected [2]; the file was trained with rank 4 and is"
                  + " read as rank 2")
          .hasMessageContaining("base_model.vector_A: got shape [4, 8], expected [2, 8]\n")
          .hasMessageContaining("base_model.model.tiny.layer.1.key.vector_b: not in the file");
    }
  }

  @Test
  void a_target_of_another_kind_and_a_pattern_that_fits_nothing_are_named() {
    assertThatThrownBy(() -> plan(spec("words")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(
            "names tiny.words, which is an embedding; Vectors attaches to linear layers, such as");
    var pattern = new VectorMethod.Spec(4, Map.of("qery", 2.0), null, List.of());
    assertThatThrownBy(() -> plan(pattern))
        .hasMessageContaining("scale_pattern: 'qery' matches none of the 2 modules");
  }

  @Test
  void a_method_reads_files_of_its_type_unless_a_key_makes_them_anothers() {
    ObjectNode config = Json.mapper().createObjectNode().put("peft_type", "VECTORS");
    assertThat(VECTORS.reads(config)).isTrue();
    assertThat(VECTORS.reads(config.deepCopy().put("stacked", false))).isTrue();
    assertThat(VECTORS.reads(config.deepCopy().put("stacked", true))).isFalse();
    assertThat(VECTORS.reads(config.deepCopy().put("peft_type", "LORA"))).isFalse();
    Json.write(folder.resolve(PeftConfig.FILE), config.deepCopy().put("stacked", true));
    assertThatThrownBy(() -> VECTORS.read(folder))
        .hasMessageContaining("stacked is true, which is not supported.")
        .hasMessageContaining("Only plain Vectors adapters can be loaded");
    Json.write(folder.resolve(PeftConfig.FILE), config.deepCopy().put("r", "four"));
    assertThatThrownBy(() -> VECTORS.read(folder))
        .hasMessageContaining("r is \"four\", expected a whole number");
  }

  @Test
  void what_the_base_lacks_is_saved_too_where_the_record_has_a_place_for_it() {
    assertThat(spec("query").alsoSaving(List.of("pooler")))
        .isEqualTo(new VectorMethod.Spec(4, Map.of(), Targets.names("query"), List.of("pooler")));
  }

  private static VectorMethod.Spec spec(String... targets) {
    return new VectorMethod.Spec(4, Map.of(), Targets.names(targets), List.of());
  }

  private TargetedPlan<VectorMethod.Spec> plan(VectorMethod.Spec spec) {
    return VECTORS.plan(ModelPlan.of(architecture()), spec, CONTEXT);
  }

  private static float[] logits(Network network) {
    Map<String, Tensor> batch = Map.of("input_ids", Tensor.of(new long[] {3, 4, 5, 6}, 2, 2));
    return network.forward(batch, ForwardContext.inference()).logits().toFloats();
  }

  private static Architecture architecture() {
    return Architecture.named("TinyForSequenceClassification")
        .inputs("input_ids")
        .heads("classifier")
        .root(
            named("tiny.words", lookup("input_ids", embedding(20, 8, Init.normal(0.5)))),
            named(
                "tiny.layer",
                repeat(
                    2,
                    _ ->
                        sequence(
                            named("query", linear(8, 8, Init.normal(0.5))),
                            named("key", linear(8, 8, Init.normal(0.5))),
                            named("value", linear(8, 8, Init.normal(0.5)))))),
            named("classifier", output("logits", linear(8, 3, Init.normal(0.5)))));
  }
}
