package dev.jlora.distribution;

import static dev.jlora.Jlora.merge;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.Tape;
import dev.jlora.host.Plugins;
import dev.jlora.io.Checkpoint;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.weights.CheckpointWeights;
import dev.jlora.spi.ModelFamily;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Checks of a trained Twin: its adapter and merged weights, its gradients, its padding. */
final class TwinChecks {
  private static final String GATE = "twin.blocks.1.gate";
  private static final int WORDS = 14;
  private static final int COLUMNS = 32;
  private static final double STEP = 1e-5;

  private final Path model;
  private final Plugins plugins = Plugins.load();

  private TwinChecks(Path model) {
    this.model = model;
  }

  /** Arguments: the base model, the run's folder, and two folders to write. */
  public static void main(String[] arguments) {
    TwinChecks checks = new TwinChecks(Path.of(arguments[0]));
    Path run = Path.of(arguments[1]);
    Path merged = Path.of(arguments[2]);
    merge(run, merged);
    checks.merging_and_unmerging(run, merged, Path.of(arguments[3]));
    checks.gradients();
    checks.padding();
    System.out.println("checked");
  }

  private void merging_and_unmerging(Path run, Path merged, Path copy) {
    try (var _ = Scope.open();
        Network network = network(model, DType.FLOAT32)) {
      assertThat(network.adaptables()).containsKey(GATE);
      double[] plain = logits(network, false);
      Adapter adapter =
          plugins.adapters().get("lora").saved(network.plan(), run).read(network, run);
      network.adapt(adapter);
      assertThat(adapter.layers()).containsKey(GATE);
      adapter.save(copy);
      assertThat(tensors(copy.resolve("adapter_model.safetensors")))
          .isEqualTo(tensors(run.resolve("adapter_model.safetensors")));
      double[] adapted = logits(network, false);
      assertThat(adapted).isNotEqualTo(plain);

      network.merge();
      Map<String, String> base = tensors(model.resolve("model.safetensors"));
      assertThat(state(network)).isEqualTo(tensors(merged.resolve("model.safetensors")));
      assertThat(state(network).get(GATE + ".weight")).isNotEqualTo(base.get(GATE + ".weight"));
      double[] inPlace = logits(network, false);
      assertThat(inPlace).containsExactly(adapted, within(1e-5));
      try (Network fromFile = network(merged, DType.FLOAT32)) {
        assertThat(logits(fromFile, false)).containsExactly(inPlace);
      }

      network.unmerge();
      assertThat(state(network)).isEqualTo(base);
      assertThat(logits(network, false)).containsExactly(adapted);
    }
  }

  /** Compares two gradients of every parameter with central differences. */
  private void gradients() {
    try (var _ = Scope.open();
        Network network = network(model, DType.FLOAT64);
        Tape tape = Tape.recording()) {
      network.parameters().forEach(parameter -> parameter.trainable(true));
      Tensor logits = network.forward(batch(), ForwardContext.recording(tape)).logits();
      double[] weights = new Random(3).doubles(logits.elements(), -1, 1).toArray();
      Random random = new Random(4);
      try (Gradients gradients = tape.backward(logits, Tensor.of(weights, logits.shape()))) {
        for (Parameter parameter : network.parameters()) {
          double[] found = gradients.of(parameter.value()).toDoubles();
          for (int i = 0; i < 2; i++) {
            int at = random.nextInt(found.length);
            double above = moved(network, parameter, at, STEP, weights);
            double below = moved(network, parameter, at, -STEP, weights);
            assertThat(found[at])
                .as("%s[%d]", parameter.name(), at)
                .isCloseTo((above - below) / (2 * STEP), within(1e-6));
          }
        }
      }
    }
  }

  private static double moved(
      Network network, Parameter parameter, int at, double by, double[] weights) {
    double[] values = parameter.value().toDoubles();
    double before = values[at];
    set(parameter, values, at, before + by);
    double[] logits = logits(network, false);
    set(parameter, values, at, before);
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i] * logits[i];
    }
    return sum;
  }

  private static void set(Parameter parameter, double[] values, int at, double value) {
    values[at] = value;
    parameter.own().copyFrom(Tensor.of(values, parameter.value().shape()));
  }

  private void padding() {
    try (var _ = Scope.open();
        Network network = network(model, DType.FLOAT64)) {
      assertThat(logits(network, true)).containsExactly(logits(network, false), within(1e-12));
    }
  }

  private Network network(Path folder, DType dtype) {
    ModelConfig config = ModelConfig.read(folder.resolve("config.json"));
    ModelFamily family = plugins.families().get(config.modelType());
    Architecture architecture = family.declare(config, family.architectures().getFirst());
    return Network.of(
        architecture,
        CheckpointWeights.match(architecture, Checkpoint.open(folder), false, 0),
        dtype);
  }

  private static double[] logits(Network network, boolean unpadded) {
    try (var _ = Scope.open()) {
      ForwardContext pass = ForwardContext.inference();
      return network.forward(batch(), unpadded ? pass.withoutPadding() : pass).logits().toDoubles();
    }
  }

  /** Rows of 5, 17 and 32 tokens. */
  private static Map<String, Tensor> batch() {
    int[] lengths = {5, 17, COLUMNS};
    long[] ids = new Random(1).longs(3 * COLUMNS, 0, WORDS).toArray();
    long[] mask = new long[ids.length];
    Arrays.setAll(mask, i -> i % COLUMNS < lengths[i / COLUMNS] ? 1 : 0);
    return Map.of(
        "input_ids", Tensor.of(ids, 3, COLUMNS), "attention_mask", Tensor.of(mask, 3, COLUMNS));
  }

  /** Names and bits. */
  private static Map<String, String> tensors(Path file) {
    Map<String, String> bits = new LinkedHashMap<>();
    try (var _ = Scope.open();
        var safetensors = SafetensorsFile.open(file)) {
      safetensors
          .entries()
          .keySet()
          .forEach(name -> bits.put(name, bits(safetensors.tensor(name))));
    }
    return bits;
  }

  private static Map<String, String> state(Network network) {
    Map<String, String> bits = new LinkedHashMap<>();
    network.state().forEach((name, tensor) -> bits.put(name, bits(tensor)));
    return bits;
  }

  private static String bits(Tensor tensor) {
    StringBuilder bits = new StringBuilder(Arrays.toString(tensor.shape()));
    for (float value : tensor.toFloats()) {
      bits.append(' ').append(Integer.toHexString(Float.floatToRawIntBits(value)));
    }
    return bits.toString();
  }
}
