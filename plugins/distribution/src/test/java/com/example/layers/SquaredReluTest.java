package com.example.layers;

import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.Tape;
import dev.jlora.host.Plugins;
import dev.jlora.model.Init;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** LoRA on a layer kind from outside that has a weight of its own. */
class SquaredReluTest {
  private static final int WIDTH = 8;
  private static final int INNER = 12;
  private static final int RANK = 2;
  private static final double ALPHA = 6;
  private static final long[] IDS = {3, 1, 4, 1, 5, 9, 2, 6};

  private long live;
  private Scope scope;

  @BeforeEach
  void open() {
    live = Tensor.live();
    scope = Scope.open();
  }

  @AfterEach
  void close_and_leave_nothing() {
    scope.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void an_adapter_is_applied_merged_and_taken_out_bit_for_bit() {
    try (Network network = network(DType.FLOAT32)) {
      double[] base = logits(network);
      float[] weight = network.parameter("up.weight").value().toFloats();
      Adapter adapter = adapted(network);
      assertThat(adapter.parameters())
          .extracting(Parameter::name)
          .containsExactly("up.lora_A.weight", "up.lora_B.weight");
      double[] adapted = logits(network);
      assertThat(adapted).containsExactly(byHand(network, adapter), within(1e-4));

      network.merge();
      assertThat(logits(network)).containsExactly(adapted, within(1e-5));
      assertThat(network.parameter("up.weight").value().toFloats()).isNotEqualTo(weight);
      network.unmerge();
      assertThat(network.parameter("up.weight").value().toFloats()).containsExactly(weight);
      assertThat(logits(network)).containsExactly(adapted);

      network.select(AdapterSelection.none());
      assertThat(logits(network)).containsExactly(base);
    }
  }

  @Test
  void rows_have_adapters_of_their_own() {
    try (Network network = network(DType.FLOAT32)) {
      double[] base = logits(network);
      adapted(network);
      double[] adapted = logits(network);
      network.select(AdapterSelection.perRow(null, Network.DEFAULT_ADAPTER));
      double[] both = logits(network);
      int half = base.length / 2;
      assertThat(Arrays.copyOf(both, half))
          .containsExactly(Arrays.copyOf(base, half), within(1e-6));
      assertThat(Arrays.copyOfRange(both, half, base.length))
          .containsExactly(Arrays.copyOfRange(adapted, half, base.length), within(1e-6));
    }
  }

  @Test
  void gradients_are_those_of_differences() {
    double step = 1e-5;
    try (Network network = network(DType.FLOAT64);
        Tape tape = Tape.recording()) {
      Parameter weight = network.parameter("up.weight");
      weight.trainable(true);
      Tensor logits = network.forward(batch(), ForwardContext.recording(tape)).logits();
      double[] found;
      try (Gradients gradients = tape.backward(logits, Tensor.ones(DType.FLOAT64, 2, 4, 3))) {
        found = gradients.of(weight.value()).toDoubles();
      }
      double[] values = weight.value().toDoubles();
      for (int at = 0; at < values.length; at++) {
        double before = values[at];
        double slope = sum(weight, values, at, before + step, network);
        slope -= sum(weight, values, at, before - step, network);
        values[at] = before;
        assertThat(found[at]).isCloseTo(slope / (2 * step), within(1e-6));
      }
    }
  }

  private static double sum(
      Parameter weight, double[] values, int at, double value, Network network) {
    values[at] = value;
    weight.own().copyFrom(Tensor.of(values, WIDTH, INNER));
    return Arrays.stream(logits(network)).sum();
  }

  private static Adapter adapted(Network network) {
    LoraSpec spec = LoraSpec.builder().rank(RANK).alpha(ALPHA).targets("up").build();
    Adapter adapter =
        network.adapt(
            Plugins.load()
                .adapters()
                .get("lora")
                .planOf(network.plan(), spec, new AdapterContext("", List.of(), 0, "outside"))
                .create(network));
    Random random = new Random(8);
    for (Parameter parameter : adapter.parameters()) {
      double[] values = random.doubles(parameter.elements(), -0.5, 0.5).toArray();
      parameter.value().copyFrom(Tensor.of(values, parameter.value().shape()));
    }
    return adapter;
  }

  /** max(0, x (W + alpha / rank (B A)^T))^2 through the linear behind it, in doubles. */
  private static double[] byHand(Network network, Adapter adapter) {
    double[] words = network.parameter("words.weight").value().toDoubles();
    double[] w = network.parameter("up.weight").value().toDoubles();
    double[] down = network.parameter("down.weight").value().toDoubles();
    double[] bias = network.parameter("down.bias").value().toDoubles();
    double[] a = adapter.parameters().getFirst().value().toDoubles();
    double[] b = adapter.parameters().getLast().value().toDoubles();
    double[] logits = new double[IDS.length * 3];
    for (int t = 0; t < IDS.length; t++) {
      for (int label = 0; label < 3; label++) {
        logits[t * 3 + label] = bias[label];
      }
      for (int o = 0; o < INNER; o++) {
        double y = 0;
        for (int i = 0; i < WIDTH; i++) {
          double both = w[i * INNER + o];
          for (int r = 0; r < RANK; r++) {
            both += ALPHA / RANK * b[o * RANK + r] * a[r * WIDTH + i];
          }
          y += words[(int) IDS[t] * WIDTH + i] * both;
        }
        double squared = Math.max(0, y) * Math.max(0, y);
        for (int label = 0; label < 3; label++) {
          logits[t * 3 + label] += squared * down[label * INNER + o];
        }
      }
    }
    return logits;
  }

  private static Network network(DType dtype) {
    Architecture model =
        Architecture.named("Outside")
            .inputs("input_ids")
            .root(
                lookup("input_ids", named("words", embedding(10, WIDTH, Init.normal(1)))),
                named("up", new SquaredRelu(WIDTH, INNER)),
                named("down", output("logits", linear(INNER, 3, Init.normal(0.3)))));
    return Network.of(model, new RandomWeights(2), dtype);
  }

  private static double[] logits(Network network) {
    try (var _ = Scope.open()) {
      return network.forward(batch(), ForwardContext.inference()).logits().toDoubles();
    }
  }

  private static Map<String, Tensor> batch() {
    return Map.of("input_ids", Tensor.of(IDS, 2, 4));
  }
}
