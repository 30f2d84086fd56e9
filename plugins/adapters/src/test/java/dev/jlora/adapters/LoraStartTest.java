package dev.jlora.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.LinearAlgebra;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spec.LoftqSpec;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Initializations from the weight: what a new adapter computes, and how it is kept. */
class LoraStartTest {
  private static final LoraMethod LORA = new LoraMethod();
  private static final String QUERY = "tiny.layer.0.self.query";

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
  @ValueSource(strings = {"pissa", "pissa_niter_4", "olora", "orthogonal"})
  void a_new_adapter_leaves_the_outputs_as_they_are(String init) {
    float[] before = logits(network);
    Adapter adapter = adapt(network, spec(init).build());
    assertThat(logits(network)).containsExactly(before, within(1e-5f));
    assertThat(value(adapter, QUERY + ".lora_B.weight")).isNotEqualTo(new float[16]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pissa", "pissa_niter_4", "olora"})
  void a_trained_adapter_is_stored_for_the_unchanged_base_with_twice_its_rank(String init)
      throws IOException {
    Adapter adapter = adapt(network, spec(init).rankOf("value", 3).alphaOf("value", 5).build());
    move(adapter);
    float[] trained = logits(network);
    adapter.save(folder);

    ObjectNode config = Json.readObject(folder.resolve(PeftConfig.FILE));
    assertThat(config.get("r").asInt()).isEqualTo(4);
    assertThat(config.get("lora_alpha").asDouble()).isEqualTo(6);
    assertThat(config.get("init_lora_weights").asBoolean()).isTrue();
    assertThat(config.get("rank_pattern").get("value").asInt()).isEqualTo(6);
    assertThat(config.get("alpha_pattern").get("value").asDouble()).isEqualTo(10);
    try (Network other = TinyEncoder.network(DType.FLOAT32)) {
      other.adapt(LORA.saved(other.plan(), folder).read(other, folder));
      assertThat(logits(other)).containsExactly(trained, within(1e-5f));
    }
  }

  @Test
  void with_rank_stabilization_the_stored_alpha_grows_with_the_root() {
    Adapter adapter = adapt(network, spec("pissa").rslora().build());
    move(adapter);
    float[] trained = logits(network);
    adapter.save(folder);
    assertThat(Json.readObject(folder.resolve(PeftConfig.FILE)).get("lora_alpha").asDouble())
        .isCloseTo(3 * Math.sqrt(2), within(1e-12));
    try (Network other = TinyEncoder.network(DType.FLOAT32)) {
      other.adapt(LORA.saved(other.plan(), folder).read(other, folder));
      assertThat(logits(other)).containsExactly(trained, within(1e-5f));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pissa", "pissa_niter_4", "olora", "orthogonal", "loftq"})
  void a_checkpoint_gives_the_job_the_same_bits_again(String init) {
    Adapter adapter = adapt(network, spec(init).build());
    move(adapter);
    float[] trained = logits(network);
    adapter.save(folder);
    try (Network other = TinyEncoder.network(DType.FLOAT32)) {
      Adapter resumed = adapt(other, spec(init).build());
      resumed.restore(folder);
      assertThat(logits(other)).containsExactly(trained);
      assertThat(value(resumed, QUERY + ".lora_A.weight"))
          .containsExactly(value(adapter, QUERY + ".lora_A.weight"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pissa", "olora", "loftq"})
  void merging_keeps_the_outputs_and_unmerging_gives_the_weights_back(String init) {
    float[] weight = network.parameter(QUERY + ".weight").value().toFloats();
    Adapter adapter = adapt(network, spec(init).build());
    move(adapter);
    float[] trained = logits(network);
    network.merge();
    assertThat(logits(network)).containsExactly(trained, within(1e-5f));
    network.unmerge();
    assertThat(logits(network)).containsExactly(trained);
    assertThat(network.parameter(QUERY + ".weight").value().toFloats()).containsExactly(weight);
  }

  @Test
  void pissa_trains_the_best_approximation_of_the_weight() {
    Tensor weight = network.parameter(QUERY + ".weight").value();
    Adapter adapter = adapt(network, spec("pissa").build());
    double[] all = singular(weight);
    double[] rest = singular(adapter.overrides().get(QUERY + ".weight").value());
    assertThat(rest[0]).isCloseTo(all[2], within(1e-5));
    assertThat(rest[5]).isCloseTo(all[7], within(1e-5));
    assertThat(rest[6]).isCloseTo(0, within(1e-5));
  }

  private static double[] singular(Tensor matrix) {
    return LinearAlgebra.svd(Ops.to(matrix, DType.FLOAT64)).s().toDoubles();
  }

  @Test
  void orthogonal_factors_have_a_product_of_zero() {
    Adapter adapter = adapt(network, spec("orthogonal").rank(4).build());
    Tensor a = parameter(adapter, QUERY + ".lora_A.weight").value();
    Tensor b = parameter(adapter, QUERY + ".lora_B.weight").value();
    float[] product = Products.mm(b, a).toFloats();
    assertThat(product).containsExactly(new float[64], within(1e-6f));
  }

  @Test
  void loftq_with_an_adapter_is_closer_to_the_weight_than_quantization_alone() {
    Tensor weight = network.parameter(QUERY + ".weight").value();
    LoraSpec spec =
        LoraSpec.builder()
            .rank(4)
            .alpha(4)
            .targets("query")
            .init(LoraInit.LOFTQ)
            .loftq(new LoftqSpec(2, 5))
            .build();
    Adapter adapter = adapt(network, spec);
    Tensor quantized = adapter.overrides().get(QUERY + ".weight").value();
    assertThat(quantized.toFloats()).isNotEqualTo(weight.toFloats());
    Tensor whole = adapter.layers().get(QUERY).merged(quantized);
    assertThat(distance(whole, weight)).isLessThan(0.5 * distance(quantized, weight));
  }

  private static double distance(Tensor one, Tensor other) {
    double sum = 0;
    for (float value : Ops.sub(one, other).toFloats()) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  /** As PEFT saves it without conversion: A and B alone, and the name of the initialization. */
  @Test
  void an_adapter_of_peft_that_changed_the_base_is_read_with_the_base_changed_alike() {
    Adapter adapter = adapt(network, spec("pissa").build());
    move(adapter);
    float[] trained = logits(network);
    adapter.save(folder);
    asPeftSavesIt(adapter);
    try (Network other = TinyEncoder.network(DType.FLOAT32)) {
      Adapter read = other.adapt(LORA.saved(other.plan(), folder).read(other, folder));
      assertThat(logits(other)).containsExactly(trained, within(1e-5f));
      Path again = folder.resolve("again");
      read.save(again);
      assertThat(Json.readObject(again.resolve(PeftConfig.FILE)).get("init_lora_weights").asText())
          .isEqualTo("pissa");
      try (SafetensorsFile file = SafetensorsFile.open(again.resolve(AdapterKeys.FILE))) {
        assertThat(file.entry(AdapterKeys.PREFIX + QUERY + ".lora_A.weight").shape())
            .containsExactly(2L, 8L);
      }
    }
  }

  private void asPeftSavesIt(Adapter adapter) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Parameter parameter : adapter.parameters()) {
      tensors.put(AdapterKeys.PREFIX + parameter.name(), parameter.value());
    }
    SafetensorsWriter.write(folder.resolve(AdapterKeys.FILE), tensors);
    ObjectNode config = Json.readObject(folder.resolve(PeftConfig.FILE));
    config.put("r", 2).put("lora_alpha", 3).put("init_lora_weights", "pissa");
    try {
      Files.writeString(folder.resolve(PeftConfig.FILE), Json.pretty(config));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void a_base_changed_by_training_data_cannot_be_repeated() throws IOException {
    Adapter adapter = adapt(network, spec("pissa").build());
    adapter.save(folder);
    ObjectNode config = Json.readObject(folder.resolve(PeftConfig.FILE));
    Files.writeString(
        folder.resolve(PeftConfig.FILE), Json.pretty(config.put("init_lora_weights", "corda")));
    assertThatThrownBy(() -> LORA.saved(network.plan(), folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("init_lora_weights is 'corda'")
        .hasMessageContaining("path_initial_model_for_weight_conversion");
  }

  @Test
  void ranks_and_modules_that_an_initialization_excludes_are_named() {
    assertThatThrownBy(() -> plan(spec("orthogonal").rank(3).build()))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "init_lora_weights 'orthogonal' at %s: expected an even rank, got 3".formatted(QUERY));
    assertThatThrownBy(() -> plan(spec("pissa").rank(9).build()))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "init_lora_weights 'pissa' at %s: expected a rank of 8 or less, got 9"
                .formatted(QUERY));
  }

  @Test
  void an_unknown_initialization_names_the_nearest() {
    assertThatThrownBy(() -> LoraInit.of("pisa"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got pisa, expected one of 'pissa'");
  }

  @Test
  void the_doubled_matrix_is_the_trained_one_and_then_the_first() {
    Adapter adapter = adapt(network, spec("olora").build());
    float[] first = value(adapter, QUERY + ".lora_A.weight");
    move(adapter);
    adapter.save(folder);
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(AdapterKeys.FILE))) {
      Tensor a = file.tensor(AdapterKeys.PREFIX + QUERY + ".lora_A.weight");
      assertThat(Ops.contiguous(Views.slice(a, 0, 2, 4)).toFloats()).containsExactly(first);
      assertThat(Ops.contiguous(Views.slice(a, 0, 0, 2)).toFloats())
          .containsExactly(value(adapter, QUERY + ".lora_A.weight"));
    }
  }

  private LoraSpec.Builder spec(String init) {
    return LoraSpec.builder().rank(2).alpha(3).targets("query", "value").init(LoraInit.of(init));
  }

  private AdapterPlan plan(LoraSpec spec) {
    return LORA.plan(network.plan(), spec, new AdapterContext("SEQ_CLS", List.of(), 5, "tiny"));
  }

  private Adapter adapt(Network network, LoraSpec spec) {
    return network.adapt(plan(spec).create(network));
  }

  /** Moves every trainable weight, as a step of training would. */
  private static void move(Adapter adapter) {
    for (Parameter parameter : adapter.parameters()) {
      InPlace.add(parameter.value(), Ops.addScalar(Ops.mul(parameter.value(), 0), 1), 0.01);
    }
  }

  private static Parameter parameter(Adapter adapter, String name) {
    return adapter.parameters().stream()
        .filter(it -> it.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static float[] value(Adapter adapter, String name) {
    return parameter(adapter, name).value().toFloats();
  }

  private static float[] logits(Network network) {
    try (var _ = Scope.open()) {
      return network.forward(batch(), ForwardContext.inference()).logits().toFloats();
    }
  }

  private static Map<String, Tensor> batch() {
    return Map.of(
        "input_ids", Tensor.of(new long[] {3, 4, 5, 6, 7, 0}, 2, 3),
        "attention_mask", Tensor.of(new long[] {1, 1, 1, 1, 1, 0}, 2, 3));
  }
}
