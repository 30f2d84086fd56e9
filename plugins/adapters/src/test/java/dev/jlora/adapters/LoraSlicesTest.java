package dev.jlora.adapters;

import static dev.jlora.model.layers.Layers.conv1d;
import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.fusedCausalAttention;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.Tape;
import dev.jlora.io.Json;
import dev.jlora.model.Init;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Slice;
import dev.jlora.spec.SpecException;
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

/** LoRA on the queries and values of a fused projection. */
class LoraSlicesTest {
  private static final LoraMethod LORA = new LoraMethod();
  private static final int WIDTH = 8;
  private static final String FUSED = "h.c_attn";

  @TempDir Path folder;
  private long live;
  private Scope scope;
  private Network network;

  @BeforeEach
  void open() {
    live = Tensor.live();
    scope = Scope.open();
    network = network();
  }

  @AfterEach
  void close_and_leave_nothing() {
    scope.close();
    network.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  private static Network network() {
    Init init = Init.normal(0.5);
    Architecture architecture =
        Architecture.named("TinyLMHeadModel")
            .inputs("input_ids", "attention_mask")
            .heads("head")
            .root(
                named("words", lookup("input_ids", embedding(20, WIDTH, init))),
                named(
                    "h",
                    fusedCausalAttention(
                        named("c_attn", conv1d(WIDTH, 3 * WIDTH, init)), 2, 0.5, 0)),
                named("c_proj", linear(WIDTH, WIDTH, init)),
                named("head", output("logits", linear(WIDTH, 5, init))));
    return Network.of(architecture, new RandomWeights(11), DType.FLOAT32);
  }

  private static LoraSpec.Builder spec() {
    return LoraSpec.builder()
        .rank(2)
        .alpha(6)
        .targets("c_attn", "c_proj")
        .init(LoraInit.RANDOM)
        .slice("c_attn", Slice.V, Slice.Q);
  }

  private static AdapterPlan plan(Network network, LoraSpec spec) {
    return LORA.plan(network.plan(), spec, new AdapterContext("", List.of(), 5, "tiny"));
  }

  private Adapter adapt(LoraSpec spec) {
    return network.adapt(plan(network, spec).create(network));
  }

  private static Map<String, Tensor> batch() {
    return Map.of(
        "input_ids", Tensor.of(new long[] {3, 4, 5, 6, 7, 0}, 2, 3),
        "attention_mask", Tensor.of(new long[] {1, 1, 1, 1, 1, 0}, 2, 3));
  }

  private static float[] logits(Network network) {
    try (var _ = Scope.open()) {
      return network.forward(batch(), ForwardContext.inference()).logits().toFloats();
    }
  }

  private static Tensor value(Adapter adapter, String name) {
    return adapter.parameters().stream()
        .filter(it -> it.name().equals(name))
        .map(Parameter::value)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void every_part_has_a_pair_of_its_own_and_the_others_have_none() {
    Adapter adapter = adapt(spec().build());
    assertThat(adapter.parameters())
        .extracting(it -> it.name() + it.shape())
        .containsExactly(
            "h.c_attn.lora_A_q[2, 8]",
            "h.c_attn.lora_B_q[8, 2]",
            "h.c_attn.lora_A_v[2, 8]",
            "h.c_attn.lora_B_v[8, 2]",
            "c_proj.lora_A.weight[2, 8]",
            "c_proj.lora_B.weight[8, 2]");
  }

  /** Of the weight [in, out] of a Conv1D, the columns of a part become W + 3 (B A)^T. */
  @Test
  void the_change_of_a_part_is_its_product_and_that_of_the_rest_exactly_zero() {
    Adapter adapter = adapt(spec().build());
    Tensor weight = network.parameter(FUSED + ".weight").value();
    Tensor change = Ops.sub(adapter.layers().get(FUSED).merged(weight), weight);
    for (String part : List.of("q", "v")) {
      int from = part.equals("q") ? 0 : 2 * WIDTH;
      Tensor a = value(adapter, FUSED + ".lora_A_" + part);
      Tensor b = value(adapter, FUSED + ".lora_B_" + part);
      float[] expected = Ops.contiguous(Views.t(Ops.mul(Products.mm(b, a), 3))).toFloats();
      assertThat(columns(change, from)).containsExactly(expected, within(1e-5f));
    }
    assertThat(columns(change, WIDTH)).containsOnly(0);
  }

  private static float[] columns(Tensor matrix, int from) {
    return Ops.contiguous(Views.slice(matrix, 1, from, from + WIDTH)).toFloats();
  }

  @Test
  void the_file_is_that_of_a_plain_adapter_with_the_same_outputs_and_gradients() {
    Adapter adapter = adapt(spec().build());
    float[] own = logits(network);
    adapter.save(folder);
    ObjectNode config = Json.readObject(folder.resolve(PeftConfig.FILE));
    assertThat(config.get("r").asInt()).isEqualTo(2);
    assertThat(config.get("rank_pattern").get("h\\.c_attn").asInt()).isEqualTo(4);
    assertThat(config.get("alpha_pattern").get("h\\.c_attn").asDouble()).isEqualTo(12);
    assertThat(config.has("slices")).isFalse();
    try (Network other = network()) {
      Adapter plain = other.adapt(LORA.saved(other.plan(), folder).read(other, folder));
      assertThat(logits(other)).containsExactly(own, within(1e-5f));
      Tensor ofA = gradient(other, plain, FUSED + ".lora_A.weight");
      Tensor ofB = gradient(other, plain, FUSED + ".lora_B.weight");
      assertThat(gradient(network, adapter, FUSED + ".lora_A_v").toFloats())
          .containsExactly(Ops.contiguous(Views.slice(ofA, 0, 2, 4)).toFloats(), within(1e-5f));
      Tensor rows = Views.slice(ofB, 0, 2 * WIDTH, 3 * WIDTH);
      assertThat(gradient(network, adapter, FUSED + ".lora_B_v").toFloats())
          .containsExactly(Ops.contiguous(Views.slice(rows, 1, 2, 4)).toFloats(), within(1e-5f));
    }
  }

  private static Tensor gradient(Network network, Adapter adapter, String name) {
    try (Tape tape = Tape.recording()) {
      Tensor logits = network.forward(batch(), ForwardContext.recording(tape)).logits();
      try (Gradients gradients =
          tape.backward(logits, Tensor.full(0.1, DType.FLOAT32, logits.shape()))) {
        return Ops.clone(gradients.of(value(adapter, name)));
      }
    }
  }

  @Test
  void a_job_reads_its_own_file_again_bit_for_bit() {
    Adapter adapter = adapt(spec().rslora().build());
    float[] own = logits(network);
    adapter.save(folder);
    try (Network other = network()) {
      LoraSpec spec = spec().rslora().init(LoraInit.DEFAULT).build();
      other.adapt(plan(other, spec).create(other)).restore(folder);
      assertThat(logits(other)).containsExactly(own);
    }
  }

  @Test
  void merging_keeps_the_outputs_and_unmerging_gives_the_weights_back() {
    adapt(spec().build());
    float[] own = logits(network);
    network.merge();
    assertThat(logits(network)).containsExactly(own, within(1e-5f));
    network.unmerge();
    assertThat(logits(network)).containsExactly(own);
  }

  @Test
  void what_is_no_fused_projection_has_no_parts() {
    LoraSpec spec = spec().slice("c_proj", Slice.Q).build();
    assertThatThrownBy(() -> plan(network, spec))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "slices: c_proj does not compute queries, keys and values in one product; name it in"
                + " target_modules only");
  }

  @Test
  void a_name_that_matches_no_target_and_settings_that_exclude_parts_are_named() {
    LoraSpec unknown = spec().slice("c_atn", Slice.Q).build();
    assertThatThrownBy(() -> plan(network, unknown))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("slices")
        .hasMessageContaining("c_atn");
    assertThatThrownBy(() -> spec().dora().init(LoraInit.PISSA).slice("x").build())
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("slices 'x': got [], expected one or more of q, k and v, each once")
        .hasMessageContaining("slices: got parts with use_dora, expected false")
        .hasMessageContaining(
            "slices: got parts with init_lora_weights 'pissa', expected true, false or gaussian");
  }
}
