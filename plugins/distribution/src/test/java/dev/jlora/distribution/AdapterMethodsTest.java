package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.Tape;
import dev.jlora.distribution.MethodCase.Form;
import dev.jlora.host.Plugins;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.InPlace;
import dev.jlora.spec.JobSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every adapter method of {@link MethodTable}. */
class AdapterMethodsTest {
  private static final Path BERT = Path.of("src/test/resources/goldens/bert-mlm/base");
  private static final Plugins PLUGINS = Plugins.load();
  private static final double STEP = 1e-5;
  private static final String JOB =
      """
      {"model": {"path": "m"}, "task": {"name": "sequence-classification"},
       "data": {"train": "x.jsonl"}, "adapter": %s}
      """;

  @TempDir private Path folder;
  private final Random random = new Random(13);
  private Scope scope;
  private long live;

  static List<MethodCase> methods() {
    return MethodTable.all();
  }

  static List<MethodCase> mergeable() {
    return methods().stream().filter(MethodCase::mergeable).toList();
  }

  static Stream<Arguments> modules() {
    return methods().stream()
        .flatMap(one -> one.forms().stream().map(form -> arguments(one, form)));
  }

  static Stream<Arguments> mergeableModules() {
    return modules().filter(it -> ((MethodCase) it.get()[0]).mergeable());
  }

  static Stream<Arguments> formulas() {
    return modules()
        .filter(it -> ((MethodCase) it.get()[0]).formula() != null)
        .filter(it -> it.get()[1] == Form.LINEAR || it.get()[1] == Form.TRANSPOSED);
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
  @MethodSource("modules")
  void gradients_agree_with_finite_differences_in_float64(MethodCase one, Form form) {
    try (SingleModule module = new SingleModule(one, form)) {
      Map<String, double[]> values = module.values(random);
      double[] weights = SingleModule.normal(random, module.output(values).length);
      Map<String, double[]> found = module.gradients(values, weights);
      assertThat(values).hasSizeGreaterThan(1);
      values.forEach(
          (name, value) -> {
            double[] expected = new double[value.length];
            for (int i = 0; i < value.length; i++) {
              double kept = value[i];
              value[i] = kept + STEP;
              double above = weighted(module.output(values), weights);
              value[i] = kept - STEP;
              double below = weighted(module.output(values), weights);
              value[i] = kept;
              expected[i] = (above - below) / (2 * STEP);
            }
            assertThat(expected).as(name).isNotEqualTo(new double[expected.length]);
            assertThat(found.get(name))
                .as(name)
                .containsExactly(expected, within(1e-8 * (1 + largest(expected))));
          });
    }
  }

  @ParameterizedTest
  @MethodSource("formulas")
  void outputs_are_those_of_plain_arithmetic(MethodCase one, Form form) {
    try (SingleModule module = new SingleModule(one, form)) {
      Map<String, double[]> values = module.values(random);
      double[] expected = module.plain(one.formula(), values);
      assertThat(module.output(values))
          .containsExactly(expected, within(1e-12 * (1 + largest(expected))));
    }
  }

  @ParameterizedTest
  @MethodSource("mergeableModules")
  void a_merged_module_gives_the_adapted_outputs(MethodCase one, Form form) {
    try (SingleModule module = new SingleModule(one, form)) {
      Map<String, double[]> values = module.values(random);
      double[] adapted = module.output(values);
      module.network().merge();
      assertThat(module.outputAsIs(values.get("x")))
          .containsExactly(adapted, within(1e-11 * (1 + largest(adapted))));
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void a_new_adapter_changes_no_logit_unless_its_method_says_so(MethodCase one) {
    try (Network network = bert()) {
      float[] before = logits(network);
      network.adapt(plan(network, one, "SEQ_CLS").create(network));
      if (one.neutral()) {
        assertThat(logits(network)).containsExactly(before, within(1e-5f));
      } else {
        assertThat(logits(network)).isNotEqualTo(before);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void the_plan_counts_what_is_trained(MethodCase one) {
    try (Network network = bert()) {
      AdapterPlan plan = plan(network, one, "SEQ_CLS");
      Adapter adapter = network.adapt(plan.create(network));
      assertThat(adapter.parameters().stream().mapToLong(Parameter::elements).sum())
          .isEqualTo(plan.summary().trainable());
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void a_saved_adapter_gives_equal_logits_on_a_new_network(MethodCase one) {
    float[] expected;
    try (Network network = bert()) {
      float[] before = logits(network);
      AdapterPlan plan = plan(network, one, "SEQ_CLS");
      Adapter adapter = changed(network.adapt(plan.create(network)));
      expected = logits(network);
      assertThat(expected).isNotEqualTo(before);
      adapter.save(folder);
    }
    try (Network other = bert()) {
      AdapterMethod<?> method = method(one);
      AdapterPlan saved = method.saved(other.plan(), folder);
      other.adapt(saved.read(other, folder));
      assertThat(logits(other)).containsExactly(expected);
      Path again = folder.resolve("again");
      other.adapter(Network.DEFAULT_ADAPTER).save(again);
      assertThat(again.resolve("adapter_config.json"))
          .hasSameTextualContentAs(folder.resolve("adapter_config.json"));
      assertThat(again.resolve("adapter_model.safetensors"))
          .hasSameBinaryContentAs(folder.resolve("adapter_model.safetensors"));
    }
  }

  @ParameterizedTest
  @MethodSource("mergeable")
  void merging_keeps_the_logits_and_unmerging_restores_them_bit_for_bit(MethodCase one) {
    try (Network network = bert()) {
      changed(network.adapt(plan(network, one, "SEQ_CLS").create(network)));
      float[] adapted = logits(network);
      Map<String, float[]> before = weights(network);
      network.merge();
      assertThat(logits(network)).containsExactly(adapted, within(1e-5f * (1 + largest(adapted))));
      network.unmerge();
      weights(network)
          .forEach((name, value) -> assertThat(value).as(name).containsExactly(before.get(name)));
      assertThat(logits(network)).containsExactly(adapted);
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void training_lowers_the_loss(MethodCase one) {
    try (Network network = bert()) {
      Adapter adapter = network.adapt(plan(network, one, "").create(network));
      double first = descend(network, adapter, 0);
      double last = first;
      for (int i = 0; i < 30; i++) {
        last = descend(network, adapter, 0.02);
      }
      assertThat(last).isLessThan(0.99 * first);
    }
  }

  /** Two adapters of the method and the base in one batch. */
  @ParameterizedTest
  @MethodSource("methods")
  void rows_with_adapters_of_their_own_answer_as_alone(MethodCase one) {
    try (Network network = bert()) {
      for (String name : List.of("a", "b")) {
        network.attach(name, changed(plan(network, one, "SEQ_CLS").create(network)));
      }
      for (List<@Nullable String> names :
          List.of(List.of("a", "b"), Arrays.asList("b", null), List.of("b", "b"))) {
        float[] mixed = logits(network, AdapterSelection.perRow(names.toArray(String[]::new)));
        int classes = mixed.length / 2;
        for (int row = 0; row < 2; row++) {
          String name = names.get(row);
          float[] alone =
              logits(network, name == null ? AdapterSelection.none() : AdapterSelection.of(name));
          assertThat(Arrays.copyOfRange(mixed, row * classes, (row + 1) * classes))
              .as("row %d of %s", row, names)
              .containsExactly(
                  Arrays.copyOfRange(alone, row * classes, (row + 1) * classes),
                  within(1e-5f * Math.max(1, largest(alone))));
        }
      }
    }
  }

  private static float[] logits(Network network, AdapterSelection selection) {
    try (var _ = Scope.open()) {
      ForwardContext pass = ForwardContext.inference().withAdapters(selection);
      return network.forward(batch(), pass).logits().toFloats();
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void a_spec_survives_the_json_of_a_job(MethodCase one) {
    JobSpec job = JobSpec.parse(JOB.formatted(one.spec().json()), PLUGINS.specTypes());
    assertThat(job.adapter()).isEqualTo(one.spec());
  }

  /** One step of gradient descent by {@code length}; returns the loss before it. */
  private static double descend(Network network, Adapter adapter, double length) {
    try (var _ = Scope.open();
        Tape tape = Tape.recording()) {
      Tensor logits = network.forward(batch(), ForwardContext.recording(tape)).logits();
      Tensor labels = Tensor.of(new long[] {1, 0}, 2);
      Tensor loss = Functions.crossEntropy(tape, logits, labels, Functions.IGNORE_INDEX, 0);
      try (Gradients gradients = tape.backward(loss)) {
        double squares = 0;
        for (Parameter parameter : adapter.parameters()) {
          for (double g : gradients.of(parameter.value()).toDoubles()) {
            squares += g * g;
          }
        }
        for (Parameter parameter : adapter.parameters()) {
          Tensor g = gradients.of(parameter.value());
          InPlace.add(parameter.value(), g, -length / Math.sqrt(squares));
        }
        return loss.item();
      }
    }
  }

  private static double weighted(double[] y, double[] weights) {
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += y[i] * weights[i];
    }
    return sum;
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElse(0);
  }

  private static float largest(float[] values) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /** With other values than the starting ones, as after training. */
  private Adapter changed(Adapter adapter) {
    for (Parameter parameter : adapter.parameters()) {
      float[] values = parameter.value().toFloats();
      for (int i = 0; i < values.length; i++) {
        values[i] += (float) (0.1 * random.nextGaussian());
      }
      long[] shape = parameter.shape().stream().mapToLong(Long::longValue).toArray();
      parameter.value().copyFrom(Tensor.of(values, shape));
    }
    return adapter;
  }

  private static AdapterMethod<?> method(MethodCase one) {
    return PLUGINS.adapters().get(one.spec().method());
  }

  private static AdapterPlan plan(Network network, MethodCase one, String taskType) {
    List<String> own = method(one).defaultTargets("bert");
    List<String> targets = own.isEmpty() ? List.of("query", "value") : own;
    AdapterContext context = new AdapterContext(taskType, targets, 7, "base", null, config());
    return method(one).planOf(network.plan(), one.spec(), context);
  }

  private static ModelConfig config() {
    return ModelConfig.read(BERT.resolve("config.json"));
  }

  private static Network bert() {
    return Network.of(
        PLUGINS.families().get("bert").declare(config(), "BertForSequenceClassification"),
        AdapterMethodsTest::weights,
        DType.FLOAT32);
  }

  /** Random values, also of biases and norms; large enough for a change to reach the logits. */
  private static Tensor weights(ParameterSpec parameter) {
    Random own = new Random(parameter.name().hashCode());
    double mean = parameter.name().endsWith("LayerNorm.weight") ? 1 : 0;
    float[] values = new float[(int) parameter.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (mean + 0.2 * own.nextGaussian());
    }
    return Tensor.of(values, parameter.sizes());
  }

  private static Map<String, float[]> weights(Network network) {
    Map<String, float[]> weights = new LinkedHashMap<>();
    network.state().forEach((name, value) -> weights.put(name, value.toFloats()));
    return weights;
  }

  private static float[] logits(Network network) {
    try (var _ = Scope.open()) {
      return network.forward(batch(), ForwardContext.inference()).logits().toFloats();
    }
  }

  private static Map<String, Tensor> batch() {
    return Map.of(
        "input_ids", Tensor.of(new long[] {2, 5, 7, 3, 2, 6, 3, 0}, 2, 4),
        "attention_mask", Tensor.of(new long[] {1, 1, 1, 1, 1, 1, 1, 0}, 2, 4));
  }
}
