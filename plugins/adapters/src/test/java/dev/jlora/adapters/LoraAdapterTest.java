package dev.jlora.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spec.Bias;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What LoRA does to a network, and how it is kept. */
class LoraAdapterTest {
  private static final LoraMethod LORA = new LoraMethod();

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
  void a_fresh_adapter_changes_nothing() {
    float[] before = logits(network);
    LoraSpec spec = LoraSpec.builder().rank(2).allLinear().build();
    AdapterPlan plan = LORA.plan(network.plan(), spec, context(0));
    Adapter adapter = network.adapt(plan.create(network));
    assertThat(logits(network)).containsExactly(before, within(1e-6f));
    assertThat(adapter.parameters()).allMatch(Parameter::trainable);
    assertThat(plan.summary().counts())
        .startsWith("trainable params: 475 || all params: 1,862 || trainable%: 25.5102");
  }

  @Test
  void what_is_trainable_gets_gradients_and_nothing_else_does() {
    Adapter adapter =
        inject(LoraSpec.builder().rank(2).dropout(0.5).targets("query").bias(Bias.LORA_ONLY));
    try (Tape tape = Tape.recording()) {
      ForwardContext pass = ForwardContext.training(tape, new RandomStream(1));
      Tensor logits = network.forward(batch(), pass).logits();
      try (Gradients gradients = tape.backward(logits, Tensor.ones(DType.FLOAT32, 2, 3))) {
        for (Parameter parameter : network.parameters()) {
          assertThat(gradients.of(parameter.value()) != null)
              .as(parameter.name())
              .isEqualTo(parameter.trainable());
        }
        assertThat(adapter.parameters())
            .extracting(Parameter::name)
            .containsExactlyInAnyOrder(
                "classifier.weight",
                "classifier.bias",
                "tiny.layer.0.self.query.bias",
                "tiny.layer.1.self.query.bias",
                "tiny.layer.0.self.query.lora_A.weight",
                "tiny.layer.0.self.query.lora_B.weight",
                "tiny.layer.1.self.query.lora_A.weight",
                "tiny.layer.1.self.query.lora_B.weight");
        for (Parameter parameter : adapter.parameters()) {
          assertThat(gradients.of(parameter.value())).as(parameter.name()).isNotNull();
        }
      }
    }
  }

  @Test
  void merging_keeps_the_logits_and_unmerging_gives_the_weights_back_bit_for_bit() {
    float[] weightBefore = weight("tiny.layer.0.up.weight");
    float[] headBefore = weight("classifier.weight");
    Adapter adapter = inject(LoraSpec.builder().rank(4).alpha(4).allLinear().init(LoraInit.RANDOM));
    move(adapter);
    float[] adapted = logits(network);
    network.merge();
    float[] merged = weight("tiny.layer.0.up.weight");
    network.merge();
    assertThat(logits(network)).containsExactly(adapted, within(1e-5f));
    assertThat(weight("tiny.layer.0.up.weight")).containsExactly(merged);
    assertThat(merged).isNotEqualTo(weightBefore);
    assertThat(weight("classifier.weight")).isNotEqualTo(headBefore);
    network.unmerge();
    network.unmerge();
    assertThat(weight("tiny.layer.0.up.weight")).containsExactly(weightBefore);
    assertThat(weight("classifier.weight")).containsExactly(headBefore);
    assertThat(network.parameters()).noneMatch(Parameter::owned);
    assertThat(logits(network)).containsExactly(adapted);
  }

  @Test
  void a_saved_adapter_gives_the_same_logits_on_a_new_network() {
    Adapter adapter = inject(trained().bias(Bias.ALL));
    move(adapter);
    float[] expected = logits(network);
    adapter.save(folder);
    try (Network other = TinyEncoder.network(DType.FLOAT32)) {
      AdapterPlan plan = LORA.saved(other.plan(), folder);
      other.adapt(plan.read(other, folder));
      LoraSpec spec = trained().bias(Bias.ALL).build();
      assertThat(plan.spec()).isEqualTo(spec);
      assertThat(plan.summary()).isEqualTo(LORA.plan(other.plan(), spec, context(0)).summary());
      assertThat(logits(other)).containsExactly(expected);
    }
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(AdapterKeys.FILE))) {
      assertThat(file.entries())
          .containsKeys(
              "base_model.model.tiny.layer.0.self.query.base_layer.bias",
              "base_model.model.tiny.layer.0.self.key.bias",
              "base_model.model.classifier.weight",
              "base_model.model.classifier.modules_to_save.bias",
              "base_model.model.classifier.original_module.bias");
    }
  }

  @Test
  void keys_of_other_versions_are_written_back() throws IOException {
    inject(trained()).save(folder);
    ObjectNode json = Json.readObject(folder.resolve(PeftConfig.FILE));
    json.put("a_new_key", 7).put("revision", "v2").put("inference_mode", false);
    json.putObject("eva_config").put("rho", 2.5);
    Json.write(folder.resolve(PeftConfig.FILE), json);
    AdapterContext onward = new AdapterContext("SEQ_CLS", List.of(), 0, "other", folder, null);
    try (Adapter loaded = LORA.saved(network.plan(), folder).read(network, folder);
        Adapter next = LORA.plan(network.plan(), trained().build(), onward).create(network)) {
      for (Adapter adapter : List.of(loaded, next)) {
        Path saved = Files.createTempDirectory(folder, "saved");
        adapter.save(saved);
        ObjectNode written = Json.readObject(saved.resolve(PeftConfig.FILE));
        assertThat(written.path("a_new_key").asInt()).isEqualTo(7);
        assertThat(written.path("revision").asText()).isEqualTo("v2");
        assertThat(written.path("eva_config").path("rho").asDouble()).isEqualTo(2.5);
        assertThat(written.path("inference_mode").asBoolean()).isTrue();
        assertThat(written.path("r").asInt()).isEqualTo(2);
      }
    }
  }

  @Test
  void the_same_seed_starts_the_same_and_another_seed_does_not() {
    LoraSpec spec = LoraSpec.builder().rank(2).targets("query").build();
    Adapter first = adapt(network, spec, context(1));
    try (Network same = TinyEncoder.network(DType.FLOAT32);
        Network other = TinyEncoder.network(DType.FLOAT32)) {
      String a = "tiny.layer.0.self.query.lora_A.weight";
      float[] values = value(first, a);
      assertThat(value(adapt(same, spec, context(1)), a)).containsExactly(values);
      assertThat(value(adapt(other, spec, context(2)), a)).isNotEqualTo(values);
      double bound = 1 / Math.sqrt(8);
      for (float v : values) {
        assertThat((double) v).isBetween(-bound, bound);
      }
    }
  }

  @Test
  void a_bfloat16_base_keeps_float32_masters_and_a_float32_head() {
    try (Network half = TinyEncoder.network(DType.BFLOAT16)) {
      Adapter adapter = adapt(half, trained().build(), context(3));
      assertThat(adapter.parameters())
          .allMatch(parameter -> parameter.value().dtype() == DType.FLOAT32);
      assertThat(half.forward(batch(), ForwardContext.inference()).logits().dtype())
          .isEqualTo(DType.FLOAT32);
      float[] adapted = logits(half);
      half.merge();
      assertThat(logits(half)).containsExactly(adapted, within(0.1f));
    }
  }

  @Test
  void a_second_adapter_of_the_same_name_is_refused() {
    inject(trained());
    Adapter second = LORA.plan(network.plan(), trained().build(), context(0)).create(network);
    try {
      assertThatThrownBy(() -> network.adapt(second))
          .isInstanceOf(ModelException.class)
          .hasMessage(
              "an adapter 'default' is attached already; detach it, or choose another name");
    } finally {
      second.close();
    }
  }

  @Test
  void a_file_of_another_rank_says_so() {
    inject(LoraSpec.builder().rank(4).targets("query")).save(folder);
    try (Network other = TinyEncoder.network(DType.FLOAT32)) {
      Adapter two =
          adapt(other, LoraSpec.builder().rank(2).targets("query", "key").build(), context(0));
      assertThatThrownBy(() -> two.restore(folder))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining(
              "tiny.layer.0.self.query.lora_A.weight: got shape [4, 8], expected [2, 8];"
                  + " the file was trained with rank 4 and is read as rank 2")
          .hasMessageContaining(
              "base_model.model.tiny.layer.1.self.key.lora_B.weight: not in the file");
    }
    try (Network other = TinyEncoder.network(DType.FLOAT32)) {
      Adapter one = adapt(other, LoraSpec.builder().rank(4).targets("key").build(), context(0));
      assertThatThrownBy(() -> one.restore(folder))
          .hasMessageContaining(
              "self.query.lora_A.weight: in the file, but not part of this adapter");
    }
  }

  private static LoraSpec.Builder trained() {
    return LoraSpec.builder().rank(2).alpha(4).targets("query", "value").init(LoraInit.RANDOM);
  }

  private Adapter inject(LoraSpec.Builder spec) {
    return adapt(network, spec.build(), context(0));
  }

  private static Adapter adapt(Network network, LoraSpec spec, AdapterContext context) {
    return network.adapt(LORA.plan(network.plan(), spec, context).create(network));
  }

  private static AdapterContext context(long seed) {
    return new AdapterContext("SEQ_CLS", List.of(), seed, "tiny");
  }

  /** Moves every trainable weight, as a step of training would. */
  private static void move(Adapter adapter) {
    for (Parameter parameter : adapter.parameters()) {
      InPlace.add(parameter.value(), Ops.addScalar(Ops.mul(parameter.value(), 0), 1), 0.01);
    }
  }

  private static float[] value(Adapter adapter, String name) {
    return adapter.parameters().stream()
        .filter(parameter -> parameter.name().equals(name))
        .findFirst()
        .orElseThrow()
        .value()
        .toFloats();
  }

  private float[] weight(String name) {
    return network.parameter(name).value().toFloats();
  }

  private static float[] logits(Network network) {
    return network.forward(batch(), ForwardContext.inference()).logits().toFloats();
  }

  private static Map<String, Tensor> batch() {
    return Map.of(
        "input_ids", Tensor.of(new long[] {3, 4, 5, 6, 7, 0}, 2, 3),
        "attention_mask", Tensor.of(new long[] {1, 1, 1, 1, 1, 0}, 2, 3));
  }
}
