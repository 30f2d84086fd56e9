package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.engine.adapters.AdapterCombiner;
import dev.jlora.engine.adapters.AdapterCombiner.Weighted;
import dev.jlora.engine.adapters.CombinedAdapter;
import dev.jlora.engine.adapters.ModuleUpdate;
import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.engine.models.LoadedModel;
import dev.jlora.engine.models.ModelLoader;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.io.ModelFolder;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.spec.CombinationSpec;
import dev.jlora.spec.CombinationType;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.SpecException;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters of a tiny BERT as terms of sums: different ranks, scalings, targets and heads. */
class AdapterAlgebraTest {
  private static final double CLOSE = 1e-5;

  @TempDir Path folder;
  private final Plugins plugins = Plugins.load();
  private long live;
  private LoadedModel model;
  private Network network;

  @BeforeEach
  void open() {
    live = Tensor.live();
    ModelFolder base = ModelFolder.open(TinyBert.folder(folder.resolve("base"), 0));
    model =
        new ModelLoader(plugins)
            .load(
                base,
                base.config(),
                "BertForSequenceClassification",
                /* freshHead= */ true,
                Precision.FP32,
                /* seed= */ 1,
                Device.CPU);
    network = model.network();
  }

  @AfterEach
  void close() {
    model.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void cat_computes_what_the_adapters_compute_together() {
    save("a", lora(4).targets("query", "value"), "");
    save("b", lora(2).alpha(6).rslora().targets("query", "key", "output.dense"), "");
    Map<String, Double> weights = new LinkedHashMap<>();
    weights.put("a", 0.7);
    weights.put("b", -0.4);
    attach("a", "b");
    double[] expected = logits(AdapterSelection.of(weights));
    List<ModuleUpdate> modules = combine("sum", CombinationSpec.of(CombinationType.CAT), weights);
    assertThat(logits(AdapterSelection.of("sum"))).containsExactly(expected, within(CLOSE));
    assertThat(modules).allSatisfy(it -> assertThat(it.error()).isZero());
    assertThat(modules)
        .extracting(ModuleUpdate::module)
        .anyMatch(it -> it.endsWith("layer.1.output.dense"))
        .anyMatch(it -> it.endsWith("layer.0.attention.self.value"));
    assertThat(modules)
        .filteredOn(it -> it.module().endsWith("query"))
        .hasSize(2)
        .allSatisfy(it -> assertThat(it.rank()).isEqualTo(6));

    attach("sum-again", folder.resolve("sum"));
    assertThat(logits(AdapterSelection.of("sum-again"))).containsExactly(expected, within(CLOSE));
    ObjectNode config = Json.readObject(folder.resolve("sum/adapter_config.json"));
    assertThat(config.get("use_rslora").asBoolean()).isFalse();
    assertThat(config.get("rank_pattern").toString()).contains("query\":6");
    assertThat(config.get("alpha_pattern").toString()).contains("query\":6");
  }

  @Test
  void an_adapter_minus_itself_is_the_base() {
    save("a", lora(3).targets("query", "value"), "");
    double[] base = logits(AdapterSelection.none());
    attach("a", folder.resolve("a"));
    assertThat(distance(base, logits(AdapterSelection.of("a")))).isGreaterThan(1e-3);
    CombinationSpec cat = CombinationSpec.of(CombinationType.CAT);
    combine("zero", cat, List.of(part("a", 1), part("a", -1)));
    assertThat(logits(AdapterSelection.of("zero"))).containsExactly(base, within(CLOSE));
    combine("svd", CombinationSpec.defaults(), List.of(part("a", 1), part("a", -1)));
    assertThat(logits(AdapterSelection.of("svd"))).containsExactly(base, within(CLOSE));
  }

  @Test
  void svd_of_the_full_rank_is_cat_and_of_less_has_an_error() {
    save("a", lora(2).targets("query"), "");
    save("b", lora(3).targets("query"), "");
    Map<String, Double> weights = Map.of("a", 0.5, "b", 0.5);
    combine("cat", CombinationSpec.of(CombinationType.CAT), weights);
    List<ModuleUpdate> full = combine("full", CombinationSpec.defaults().withSvdRank(9), weights);
    List<ModuleUpdate> less = combine("less", CombinationSpec.defaults().withSvdRank(2), weights);
    assertThat(logits(AdapterSelection.of("full")))
        .containsExactly(logits(AdapterSelection.of("cat")), within(CLOSE));
    assertThat(full)
        .allSatisfy(
            it -> {
              assertThat(it.rank()).isEqualTo(5);
              assertThat(it.error()).isLessThan(1e-10);
            });
    assertThat(less)
        .allSatisfy(
            it -> {
              assertThat(it.rank()).isEqualTo(2);
              assertThat(it.error()).isBetween(0.01, 0.99);
            });
  }

  @Test
  void every_type_gives_an_adapter_that_is_saved_and_loaded() {
    save("a", lora(2).targets("query", "value"), "");
    save("b", lora(2).targets("value"), "");
    for (CombinationType type : CombinationType.values()) {
      CombinationSpec spec = CombinationSpec.of(type);
      combine(
          type.text(), type.prunes() ? spec.withDensity(0.5) : spec, Map.of("a", 1.0, "b", 2.0));
      double[] found = logits(AdapterSelection.of(type.text()));
      attach("again-" + type.text(), folder.resolve(type.text()));
      assertThat(logits(AdapterSelection.of("again-" + type.text())))
          .as(type.text())
          .containsExactly(found, within(1e-7));
    }
  }

  @Test
  void a_head_of_one_adapter_is_kept_and_of_two_needs_a_request() {
    save("a", lora(2).targets("query"), "SEQ_CLS");
    save("b", lora(2).targets("query"), "SEQ_CLS");
    save("c", lora(2).targets("query"), "");
    CombinationSpec svd = CombinationSpec.defaults();
    combine("one", svd, Map.of("a", 0.3, "c", 0.7));
    attach("a", "b");
    assertThat(head("one")).containsExactly(head("a"));
    assertThat(Json.readObject(folder.resolve("one/adapter_config.json")).get("task_type").asText())
        .isEqualTo("SEQ_CLS");

    assertThatThrownBy(() -> combine("two", svd, Map.of("a", 1.0, "b", 1.0)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("more than one adapter trains classifier.bias, classifier.weight")
        .hasMessageContaining("combine_heads");
    CombinationSpec mean =
        new CombinationSpec(
            CombinationType.SVD, null, null, null, svd.majoritySignMethod(), 0, true, false);
    combine("mean", mean, List.of(part("a", 1), part("b", 3)));
    double[] expected = head("a");
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (expected[i] + 3 * head("b")[i]) / 4;
    }
    assertThat(head("mean")).containsExactly(expected, within(1e-7));
    assertThatThrownBy(() -> combine("none", mean, List.of(part("a", 1), part("b", -1))))
        .hasMessageContaining("add up to 0");
  }

  @Test
  void what_cannot_be_combined_is_named() {
    save("a", lora(2).targets("query"), "");
    save("b", lora(3).targets("query"), "");
    CombinationSpec linear = CombinationSpec.of(CombinationType.LINEAR);
    assertThatThrownBy(() -> combine("x", linear, Map.of("a", 1.0, "b", 1.0)))
        .hasMessageContaining("linear combines adapters of one rank, and bert.encoder.layer.0")
        .hasMessageContaining("use cat or svd");
    assertThatThrownBy(() -> combine("x", linear, List.of(part("a", Double.NaN))))
        .hasMessageContaining("got the weight NaN");
    assertThatThrownBy(() -> combine("x", linear, List.of())).hasMessageContaining("no adapters");
    assertThatThrownBy(() -> combine("x", linear, List.of(part("nowhere", 1))))
        .hasMessageContaining("has no adapter_config.json");
    assertThatThrownBy(() -> CombinationType.of("tie"))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("combination_type: got 'tie', expected one of 'dare_ties'");
    edit("b", config -> config.put("use_dora", true));
    assertThatThrownBy(() -> combine("x", linear, List.of(part("a", 1), part("b", 1))))
        .hasMessageContaining("cannot be combined: use_dora");
    edit("b", config -> config.put("use_dora", false).put("lora_bias", true));
    assertThatThrownBy(() -> combine("x", linear, List.of(part("b", 1))))
        .hasMessageContaining("cannot be combined: lora_bias");
    edit("b", config -> config.put("lora_bias", false).put("init_lora_weights", "pissa"));
    assertThatThrownBy(() -> combine("x", linear, List.of(part("b", 1))))
        .hasMessageContaining("cannot be combined: init_lora_weights: pissa");
    edit("b", config -> config.put("init_lora_weights", true).put("peft_type", "SOMETHING"));
    assertThatThrownBy(() -> combine("x", linear, List.of(part("b", 1))))
        .hasMessageContaining("SOMETHING");
  }

  @Test
  void values_that_are_not_finite_are_named() {
    save("a", lora(2).targets("query"), "");
    Path file = folder.resolve("a/adapter_model.safetensors");
    String key = "base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight";
    try (var _ = Scope.open()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      try (SafetensorsFile there = SafetensorsFile.open(file)) {
        there.entries().keySet().forEach(name -> tensors.put(name, Ops.clone(there.tensor(name))));
      }
      InPlace.fill(tensors.get(key), Double.NaN);
      SafetensorsWriter.write(file, tensors);
    }
    assertThatThrownBy(() -> combine("x", CombinationSpec.defaults(), List.of(part("a", 1))))
        .hasMessageContaining(key)
        .hasMessageContaining("NaN");
  }

  @Test
  void adapters_of_two_tasks_are_refused() {
    save("a", lora(2).targets("query"), "SEQ_CLS");
    save("b", lora(2).targets("query"), "SEQ_CLS");
    edit("b", config -> config.put("task_type", "TOKEN_CLS"));
    assertThatThrownBy(
            () -> combine("x", CombinationSpec.defaults(), List.of(part("a", 1), part("b", 1))))
        .hasMessageContaining("[SEQ_CLS, TOKEN_CLS]");
  }

  private LoraSpec.Builder lora(int rank) {
    return LoraSpec.builder().rank(rank).alpha(8).init(LoraInit.RANDOM);
  }

  private void save(String name, LoraSpec.Builder spec, String task) {
    AdapterContext context = new AdapterContext(task, List.of(), name.hashCode(), "base");
    try (Adapter adapter =
        plugins
            .adapters()
            .get("lora")
            .planOf(network.plan(), spec.build(), context)
            .create(network)) {
      try (var _ = Scope.open()) {
        for (Parameter head : adapter.overrides().values()) {
          head.own()
              .copyFrom(
                  Tensor.full(
                      name.length() + name.charAt(0), head.value().dtype(), head.value().shape()));
        }
      }
      adapter.save(folder.resolve(name));
    }
  }

  private void edit(String name, Consumer<ObjectNode> change) {
    Path file = folder.resolve(name).resolve("adapter_config.json");
    ObjectNode config = Json.readObject(file);
    change.accept(config);
    Json.write(file, config);
  }

  private Weighted part(String name, double weight) {
    return new Weighted(folder.resolve(name), weight);
  }

  private void attach(String... names) {
    for (String name : names) {
      attach(name, folder.resolve(name));
    }
  }

  private void attach(String name, Path from) {
    AdapterLoader.attach(plugins, name, from, model);
  }

  private List<ModuleUpdate> combine(
      String name, CombinationSpec spec, Map<String, Double> weights) {
    return combine(
        name,
        spec,
        weights.entrySet().stream().map(it -> part(it.getKey(), it.getValue())).toList());
  }

  /** Combines, saves and attaches. */
  private List<ModuleUpdate> combine(String name, CombinationSpec spec, List<Weighted> parts) {
    CombinedAdapter combined = new AdapterCombiner(plugins).combine(network, parts, spec);
    network.attach(name, combined.adapter());
    combined.adapter().save(folder.resolve(name));
    return combined.modules();
  }

  private double[] head(String name) {
    return network.adapter(name).overrides().get("classifier.weight").value().toDoubles();
  }

  private double[] logits(AdapterSelection selection) {
    try (var _ = Scope.open()) {
      Tensor ids = Tensor.of(new long[] {2, 5, 7, 9, 3, 2, 6, 8, 11, 3}, 2, 5);
      return network
          .forward(Map.of("input_ids", ids), ForwardContext.inference().withAdapters(selection))
          .logits()
          .toDoubles();
    }
  }

  private static double distance(double[] a, double[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }
}
