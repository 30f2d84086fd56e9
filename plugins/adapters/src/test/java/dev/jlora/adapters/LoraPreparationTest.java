package dev.jlora.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.io.Json;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spec.CordaSpec;
import dev.jlora.spec.EvaSpec;
import dev.jlora.spec.LoraGaSpec;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Initializations that read training data. */
class LoraPreparationTest {
  private static final LoraMethod LORA = new LoraMethod();
  private static final String QUERY = "tiny.layer.0.self.query";
  private static final String UP = "tiny.layer.0.up";

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

  @ParameterizedTest
  @ValueSource(strings = {"eva", "corda", "lora_ga"})
  void a_new_adapter_leaves_the_outputs_as_they_are(String init) {
    float[] before = logits(network);
    adapt(spec(init).build());
    assertThat(logits(network)).containsExactly(before, within(1e-4f));
  }

  @ParameterizedTest
  @ValueSource(strings = {"eva", "corda", "lora_ga"})
  void a_trained_adapter_is_stored_for_the_unchanged_base(String init) {
    Adapter adapter = adapt(spec(init).build());
    move(adapter);
    float[] trained = logits(network);
    adapter.save(folder);
    try (Network other = TinyEncoder.network(DType.FLOAT32)) {
      other.adapt(LORA.saved(other.plan(), folder).read(other, folder));
      assertThat(logits(other)).containsExactly(trained, within(1e-4f));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"eva", "corda", "lora_ga"})
  void a_run_is_resumed_to_the_same_bits_without_reading_the_data_again(String init) {
    Adapter adapter = adapt(spec(init).build());
    move(adapter);
    float[] trained = logits(network);
    adapter.save(folder);
    try (Network other = TinyEncoder.network(DType.FLOAT32)) {
      AdapterPlan plan = LORA.plan(other.plan(), spec(init).build(), context()).resumed(folder);
      Adapter resumed = other.adapt(plan.create(other));
      resumed.restore(folder);
      assertThat(logits(other)).containsExactly(trained);
    }
  }

  @Test
  void eva_gives_ranks_to_the_modules_whose_components_explain_most_and_keeps_their_sum() {
    Adapter adapter = adapt(spec("eva").build());
    long sum = 0;
    for (Parameter parameter : adapter.parameters()) {
      if (parameter.name().endsWith("lora_A.weight")) {
        long rank = parameter.value().size(0);
        assertThat(rank).isBetween(1L, 4L);
        sum += rank;
        assertOrthonormal(parameter.value());
      }
      if (parameter.name().endsWith("lora_B.weight")) {
        assertThat(parameter.value().toFloats()).containsOnly(0);
      }
    }
    assertThat(sum).isEqualTo(2 * 4);
    adapter.save(folder);
    JsonNode config = Json.readObject(folder.resolve(PeftConfig.FILE));
    assertThat(config.get("r").asInt()).isEqualTo(2);
    assertThat(config.get("init_lora_weights").asText()).isEqualTo("eva");
    config
        .get("rank_pattern")
        .fields()
        .forEachRemaining(
            entry ->
                assertThat(config.get("alpha_pattern").get(entry.getKey()).asDouble())
                    .isEqualTo(3 * entry.getValue().asDouble() / 2));
  }

  private static void assertOrthonormal(Tensor rows) {
    float[] product = Products.mm(rows, Views.t(rows)).toFloats();
    int count = (int) rows.size(0);
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < count; j++) {
        assertThat(product[i * count + j]).isCloseTo(i == j ? 1 : 0, within(1e-4f));
      }
    }
  }

  @Test
  void eva_without_redistribution_keeps_every_rank() {
    LoraSpec spec = spec("eva").eva(new EvaSpec(1, 0.9, true, -100, false, true)).build();
    Adapter adapter = adapt(spec);
    assertThat(adapter.parameters())
        .filteredOn(it -> it.name().endsWith("lora_A.weight"))
        .hasSize(4)
        .allMatch(it -> it.value().size(0) == 2);
  }

  /** W C = U S V^T, and V^T C^-1: at full rank, scaling B A is W, and nothing is left. */
  @ParameterizedTest
  @EnumSource(CordaSpec.Method.class)
  void corda_of_full_rank_takes_the_whole_weight(CordaSpec.Method method) {
    Adapter adapter = adapt(spec("corda").rank(8).corda(new CordaSpec(method)).build());
    float[] rest = adapter.overrides().get(QUERY + ".weight").value().toFloats();
    assertThat(rest).containsExactly(new float[64], within(2e-4f));
  }

  @Test
  void the_two_modes_of_corda_take_complementary_parts() {
    Tensor most = part(CordaSpec.Method.IPM, 6);
    Tensor least = part(CordaSpec.Method.KPM, 2);
    float[] weight = network.parameter(QUERY + ".weight").value().toFloats();
    assertThat(Ops.add(most, least).toFloats()).containsExactly(weight, within(2e-4f));
  }

  private Tensor part(CordaSpec.Method method, int rank) {
    try (Network own = TinyEncoder.network(DType.FLOAT32)) {
      LoraSpec spec = spec("corda").rank(rank).corda(new CordaSpec(method)).build();
      Adapter adapter = plan(own, spec).create(own);
      Tensor rest = adapter.overrides().get(QUERY + ".weight").value();
      Tensor part = Ops.sub(own.parameter(QUERY + ".weight").value(), rest);
      adapter.close();
      return part;
    }
  }

  /** With the scale "unit", the columns of A^T and B are singular vectors of the gradient. */
  @Test
  void lora_ga_takes_singular_vectors_of_the_gradient() {
    var settings = new LoraGaSpec(LoraGaSpec.Direction.ARB2R, LoraGaSpec.Scale.UNIT, 16);
    Adapter adapter = adapt(spec("lora_ga").loraGa(settings).build());
    Tensor a = value(adapter, UP + ".lora_A.weight");
    Tensor b = value(adapter, UP + ".lora_B.weight");
    assertOrthonormal(a);
    Tensor lengths = Products.mm(Views.t(b), b);
    float[] products = lengths.toFloats();
    assertThat(products[1]).isCloseTo(0, within(1e-4f * products[0]));
    assertThat(products[0]).isGreaterThanOrEqualTo(products[3]); // squares of singular values
  }

  @ParameterizedTest
  @EnumSource(LoraGaSpec.Direction.class)
  void every_direction_of_lora_ga_starts_without_a_change(LoraGaSpec.Direction direction) {
    for (LoraGaSpec.Scale scale : LoraGaSpec.Scale.values()) {
      try (Network own = TinyEncoder.network(DType.FLOAT32)) {
        float[] before = logits(own);
        LoraSpec spec = spec("lora_ga").loraGa(new LoraGaSpec(direction, scale, 16)).build();
        own.adapt(plan(own, spec).create(own));
        assertThat(logits(own)).containsExactly(before, within(1e-4f));
      }
    }
  }

  private static LoraSpec.Builder spec(String init) {
    return LoraSpec.builder().rank(2).alpha(3).targets("query", "up").init(LoraInit.of(init));
  }

  private static AdapterContext context() {
    return new AdapterContext("SEQ_CLS", List.of(), 5, "tiny");
  }

  private static AdapterPlan plan(Network network, LoraSpec spec) {
    AdapterPlan plan = LORA.plan(network.plan(), spec, context());
    assertThat(plan.readsData()).isTrue();
    return plan.prepared(network, new TinyPasses(network));
  }

  private Adapter adapt(LoraSpec spec) {
    return network.adapt(plan(network, spec).create(network));
  }

  private static void move(Adapter adapter) {
    for (Parameter parameter : adapter.parameters()) {
      InPlace.add(parameter.value(), Ops.addScalar(Ops.mul(parameter.value(), 0), 1), 0.01);
    }
  }

  private static Tensor value(Adapter adapter, String name) {
    return adapter.parameters().stream()
        .filter(it -> it.name().equals(name))
        .map(Parameter::value)
        .findFirst()
        .orElseThrow();
  }

  private static float[] logits(Network network) {
    try (var _ = Scope.open()) {
      Map<String, Tensor> batch =
          Map.of(
              "input_ids", Tensor.of(new long[] {3, 4, 5, 6, 7, 0}, 2, 3),
              "attention_mask", Tensor.of(new long[] {1, 1, 1, 1, 1, 0}, 2, 3));
      return network.forward(batch, ForwardContext.inference()).logits().toFloats();
    }
  }
}
