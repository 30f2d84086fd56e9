package dev.jlora.distribution;

import static dev.jlora.model.layers.Layers.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.host.Plugins;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.Init;
import dev.jlora.model.Parameter;
import dev.jlora.model.layers.Linear;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.Targets;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The layer in {@code custom-adapter}: its gradients, its file, its merged weights. */
class GatedScaleTest {
  private static final Path BERT = Path.of("src/test/resources/goldens/bert-mlm/base");
  private static final String VALUE = "bert.encoder.layer.0.attention.self.value.weight";
  private static final double STEP = 1e-5;

  @TempDir private static Path classes;
  private static URLClassLoader loader;
  private static AdapterMethod<?> method;

  @TempDir private Path folder;
  private final Random random = new Random(13);
  private Scope scope;
  private long live;

  @BeforeAll
  static void compile() throws Exception {
    new OutsideProject(Path.of("../../examples/custom-adapter")).compiled(classes);
    loader =
        new URLClassLoader(
            new URL[] {classes.toUri().toURL()}, GatedScaleTest.class.getClassLoader());
    Object plugin =
        loader.loadClass("com.example.gated.GatedScalePlugin").getConstructor().newInstance();
    method = Plugins.of((JloraPlugin) plugin).adapters().get("gated-scale");
  }

  @AfterAll
  static void unload() throws Exception {
    loader.close();
  }

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

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradients_agree_with_finite_differences_in_float64(boolean transposed) {
    Linear linear = new Linear(3, 4, true, transposed, Init.normal(1));
    Architecture architecture =
        Architecture.named("Single").inputs("values").root(named("layer", linear), new Output());
    try (Network network = Network.of(architecture, new RandomWeights(5), DType.FLOAT64)) {
      Adapter adapter = adapt(network, "", "layer");
      Map<String, double[]> values = new LinkedHashMap<>();
      values.put("x", normal(2 * 3));
      adapter.parameters().forEach(p -> values.put(p.name(), normal((int) p.elements())));
      assertThat(values)
          .containsOnlyKeys(
              "x", "layer.gated_scale_s", "layer.gated_scale_A", "layer.gated_scale_B.weight");
      double[] weights = normal(2 * 4); // of the outputs, in the sum that is differentiated
      Map<String, double[]> found = gradients(network, adapter, values, weights);
      values.forEach(
          (name, value) -> {
            double[] expected = new double[value.length];
            for (int i = 0; i < value.length; i++) {
              double kept = value[i];
              value[i] = kept + STEP;
              double above = weighted(network, adapter, values, weights);
              value[i] = kept - STEP;
              double below = weighted(network, adapter, values, weights);
              value[i] = kept;
              expected[i] = (above - below) / (2 * STEP);
            }
            assertThat(expected).as(name).isNotEqualTo(new double[expected.length]);
            assertThat(found.get(name)).as(name).containsExactly(expected, within(1e-8));
          });
    }
  }

  @Test
  void a_fresh_adapter_changes_no_logit() {
    try (Network network = bert()) {
      float[] before = logits(network);
      Adapter adapter = adapt(network, "SEQ_CLS");
      assertThat(adapter.layers()).hasSize(6); // value and two output.dense in each of two blocks
      assertThat(logits(network)).containsExactly(before, within(1e-6f));
    }
  }

  @Test
  void a_saved_adapter_gives_equal_logits_on_a_new_network() {
    float[] expected;
    try (Network network = bert()) {
      float[] before = logits(network);
      Adapter adapter = changed(adapt(network, "SEQ_CLS"));
      expected = logits(network);
      assertThat(expected).isNotEqualTo(before);
      adapter.save(folder);
    }
    try (Network other = bert()) {
      other.adapt(method.saved(other.plan(), folder).read(other, folder));
      assertThat(logits(other)).containsExactly(expected);
    }
  }

  @Test
  void merging_keeps_the_logits_and_unmerging_restores_them_bit_for_bit() {
    try (Network network = bert()) {
      changed(adapt(network, "SEQ_CLS"));
      float[] adapted = logits(network);
      Map<String, float[]> before = weights(network);
      network.merge();
      float[] merged = network.parameter(VALUE).value().toFloats();
      assertThat(merged).isNotEqualTo(before.get(VALUE));
      assertThat(logits(network)).containsExactly(adapted, within(1e-5f));
      network.unmerge();
      weights(network)
          .forEach((name, value) -> assertThat(value).as(name).containsExactly(before.get(name)));
      assertThat(logits(network)).containsExactly(adapted);
      network.merge();
      assertThat(network.parameter(VALUE).value().toFloats()).containsExactly(merged);
    }
  }

  private Map<String, double[]> gradients(
      Network network, Adapter adapter, Map<String, double[]> values, double[] weights) {
    Map<String, double[]> found = new LinkedHashMap<>();
    try (var _ = Scope.open();
        Tape tape = Tape.recording()) {
      Tensor x = set(adapter, values);
      tape.watch(x);
      ForwardContext context = ForwardContext.training(tape, new RandomStream(1));
      Tensor y = network.forward(Map.of("values", x), context).get("y");
      assertThat(y.dtype()).isEqualTo(DType.FLOAT64);
      try (Gradients gradients = tape.backward(y, Tensor.of(weights, y.shape()))) {
        found.put("x", gradients.of(x).toDoubles());
        for (Parameter parameter : adapter.parameters()) {
          found.put(parameter.name(), gradients.of(parameter.value()).toDoubles());
        }
      }
    }
    return found;
  }

  private double weighted(
      Network network, Adapter adapter, Map<String, double[]> values, double[] weights) {
    try (var _ = Scope.open()) {
      Tensor x = set(adapter, values);
      double[] y =
          network.forward(Map.of("values", x), ForwardContext.inference()).get("y").toDoubles();
      double sum = 0;
      for (int i = 0; i < y.length; i++) {
        sum += y[i] * weights[i];
      }
      return sum;
    }
  }

  /** Gives the parameters these values in float64; returns x. */
  private static Tensor set(Adapter adapter, Map<String, double[]> values) {
    for (Parameter parameter : adapter.parameters()) {
      long[] shape = parameter.shape().stream().mapToLong(Long::longValue).toArray();
      parameter.swapIn(Tensor.of(values.get(parameter.name()), shape));
    }
    return Tensor.of(values.get("x"), 2, 3);
  }

  private double[] normal(int count) {
    return random.doubles(count).map(_ -> random.nextGaussian()).toArray();
  }

  /** With other values than the starting ones, as after training. */
  private Adapter changed(Adapter adapter) {
    for (Parameter parameter : adapter.parameters()) {
      float[] values = parameter.value().toFloats();
      for (int i = 0; i < values.length; i++) {
        values[i] += (float) (0.1 * random.nextGaussian());
      }
      long[] shape = parameter.shape().stream().mapToLong(Long::longValue).toArray();
      parameter.swapIn(Tensor.of(values, shape));
    }
    return adapter;
  }

  private static Adapter adapt(Network network, String taskType, String... targets) {
    AdapterContext context =
        new AdapterContext(taskType, method.defaultTargets("bert"), 7, "base", null, null);
    AdapterPlan plan = method.planOf(network.plan(), spec(targets), context);
    return network.adapt(plan.create(network));
  }

  private static AdapterSpec spec(String... targets) {
    try {
      return method
          .specType()
          .getConstructor(int.class, Targets.class, List.class)
          .newInstance(2, targets.length == 0 ? null : Targets.names(targets), List.of());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static Network bert() {
    ModelConfig config = ModelConfig.read(BERT.resolve("config.json"));
    return Network.of(
        Plugins.load().families().get("bert").declare(config, "BertForSequenceClassification"),
        new RandomWeights(3),
        DType.FLOAT32);
  }

  private static Map<String, float[]> weights(Network network) {
    Map<String, float[]> weights = new LinkedHashMap<>();
    network.state().forEach((name, value) -> weights.put(name, value.toFloats()));
    return weights;
  }

  private static float[] logits(Network network) {
    Map<String, Tensor> batch =
        Map.of(
            "input_ids", Tensor.of(new long[] {2, 5, 7, 3, 2, 6, 3, 0}, 2, 4),
            "attention_mask", Tensor.of(new long[] {1, 1, 1, 1, 1, 1, 1, 0}, 2, 4));
    float[] logits = network.forward(batch, ForwardContext.inference()).logits().toFloats();
    assertThat(Arrays.copyOf(logits, 2)).isNotEqualTo(new float[2]);
    return logits;
  }

  /** Hands out what comes in. */
  private record Output() implements Layer {
    @Override
    public Module build(Assembly assembly) {
      return (y, context) -> {
        context.output("y", y);
        return y;
      };
    }
  }
}
