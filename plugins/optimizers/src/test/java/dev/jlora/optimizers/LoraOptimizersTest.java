package dev.jlora.optimizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.backend.Clipping;
import dev.jlora.backend.StepNumbers;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.runtime.LowRankPair;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.OptimizerFactory;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** LoRA+ and LoRA-FA against their formulas, written out in double on the Java side. */
class LoraOptimizersTest {
  private static final double RATE = 0.01;
  private static final double SCALING = 2;
  private static final int STEPS = 3;

  private Scope scope;
  private Scope owner;
  private LowRankPair pair;
  private LowRankPair embedding;
  private Parameter magnitude;
  private Parameter head;
  private Parameter bias;

  @BeforeEach
  void open() {
    scope = Scope.open();
    owner = Scope.detached();
    pair = pair("query", false);
    embedding = pair("embedding", true);
    magnitude = parameter("magnitude", ParameterSpec.Kind.WEIGHT, 3);
    head = parameter("head.weight", ParameterSpec.Kind.WEIGHT, 2, 3);
    bias = parameter("head.bias", ParameterSpec.Kind.BIAS, 2);
  }

  @AfterEach
  void close() {
    owner.close();
    scope.close();
  }

  @Test
  void loraplus_has_pefts_four_groups() {
    OptimizerSpec spec =
        OptimizerSpec.of("loraplus", RATE)
            .withParameters(new LoraPlusSpec(16, 1e-3, /* loraplusWeightDecay= */ 0.1));
    List<Parameter> all = all();
    List<double[]> start = values(all);
    try (Optimizer optimizer = optimizer(Optimizers.LORAPLUS, all, spec)) {
      train(optimizer, all);
      assertThat(optimizer.learningRates(RATE / 2))
          .containsExactly(RATE / 2, 1e-3 / 2, 16 * RATE / 2, 16 * RATE / 2);
    }
    assertTrained(pair.down(), adamw(start.get(0), RATE, 0.1));
    assertTrained(pair.up(), adamw(start.get(1), 16 * RATE, 0.1));
    assertTrained(embedding.down(), adamw(start.get(2), 1e-3, 0.1));
    assertTrained(embedding.up(), adamw(start.get(3), 1e-3, 0.1));
    assertTrained(magnitude, adamw(start.get(4), 16 * RATE, 0.1));
    assertTrained(head, adamw(start.get(5), RATE, 0.1));
    assertTrained(bias, adamw(start.get(6), 16 * RATE, 0));
  }

  @Test
  void lorafa_projects_the_gradient_of_b_and_leaves_a_alone() {
    for (boolean correct : new boolean[] {true, false}) {
      open();
      OptimizerSpec spec =
          OptimizerSpec.of("lorafa", RATE)
              .withWeightDecay(0.1)
              .withParameters(new LoraFaSpec(1e-6, correct, /* bfloat16= */ false));
      List<Parameter> trained = new ArrayList<>(all());
      var frozen = Optimizers.LORAFA.frozen(List.of(pair, embedding));
      assertThat(frozen).containsExactlyInAnyOrder(pair.down(), embedding.down());
      trained.removeAll(frozen);
      List<double[]> start = values(trained);
      double[] a = values(List.of(pair.down())).getFirst();
      try (Optimizer optimizer = optimizer(Optimizers.LORAFA, trained, spec)) {
        train(optimizer, trained);
      }
      assertThat(pair.down().value().toDoubles()).containsExactly(a);
      double[][] projected = new double[STEPS][];
      for (int step = 0; step < STEPS; step++) {
        projected[step] = projected(gradient(step, 6), a);
      }
      assertTrained(pair.up(), former(start.get(0), projected, correct, 0.1));
      assertTrained(head, former(start.get(3), gradients(6), correct, 0.1));
      assertTrained(bias, former(start.get(4), gradients(2), correct, 0));
    }
  }

  @Test
  void the_projection_in_bfloat16_is_close_to_the_exact_one() {
    double[][] trained = new double[2][];
    for (int i = 0; i < 2; i++) {
      open();
      OptimizerSpec spec =
          OptimizerSpec.of("lorafa", RATE).withParameters(new LoraFaSpec(1e-6, true, i == 1));
      try (Optimizer optimizer = optimizer(Optimizers.LORAFA, List.of(pair.up()), spec)) {
        train(optimizer, List.of(pair.up()));
      }
      trained[i] = pair.up().value().toDoubles();
    }
    assertThat(trained[1]).isNotEqualTo(trained[0]).containsExactly(trained[0], within(RATE / 50));
  }

  @Test
  void the_gradient_of_a_rank_deficient_a_is_projected_to_its_span() {
    pair.down().own().copyFrom(Tensor.of(new float[] {1, 2, 3, 4, 2, 4, 6, 8}, 2, 4));
    OptimizerSpec spec =
        OptimizerSpec.of("lorafa", RATE)
            .withParameters(new LoraFaSpec(1e-6, true, /* bfloat16= */ false));
    double[] before = pair.up().value().toDoubles();
    try (Optimizer optimizer = optimizer(Optimizers.LORAFA, List.of(pair.up()), spec)) {
      optimizer.step(
          List.of(Tensor.of(new float[] {1, 2.001f, 2, 4.001f, -3, -6.001f}, 3, 2)), RATE);
    }
    double[] after = pair.up().value().toDoubles();
    for (int i = 0; i < after.length; i++) {
      double sign = i < 4 ? -1 : 1;
      assertThat(after[i]).isCloseTo(before[i] + sign * RATE, within(RATE / 20));
    }
  }

  @Test
  void a_step_whose_numbers_say_so_changes_nothing() {
    for (OptimizerFactory kind : List.of(Optimizers.LORAPLUS, Optimizers.LORAFA)) {
      open();
      List<Parameter> trained = List.of(pair.up(), head);
      List<double[]> start = values(trained);
      OptimizerSpec spec = OptimizerSpec.of(kind.name(), RATE);
      try (Optimizer optimizer = optimizer(kind, trained, spec);
          Optimizer plain = optimizer(kind, trained, spec)) {
        Tensor infinite = Tensor.full(Double.POSITIVE_INFINITY, DType.FLOAT32, 3, 2);
        Tensor nothing = Tensor.full(Double.NaN, DType.FLOAT32, 2, 3);
        optimizer.step(List.of(infinite, nothing), numbers(1));
        assertThat(values(trained)).usingRecursiveComparison().isEqualTo(start);
        optimizer
            .state()
            .forEach(
                (name, tensor) ->
                    assertThat(tensor.toDoubles())
                        .as(name)
                        .containsExactly(plain.state().get(name).toDoubles()));
        optimizer.step(step(0, trained), numbers(0));
        List<double[]> after = values(trained);
        restore(trained, start);
        plain.step(step(0, trained), RATE);
        assertThat(values(trained)).usingRecursiveComparison().isEqualTo(after);
      }
    }
  }

  @Test
  void a_restored_state_goes_on_bit_for_bit() {
    for (OptimizerFactory kind : List.of(Optimizers.LORAPLUS, Optimizers.LORAFA)) {
      open();
      List<Parameter> trained = List.of(pair.up(), head);
      List<double[]> start = values(trained);
      OptimizerSpec spec = OptimizerSpec.of(kind.name(), RATE);
      try (Optimizer whole = optimizer(kind, trained, spec);
          Optimizer first = optimizer(kind, trained, spec);
          Optimizer second = optimizer(kind, trained, spec)) {
        train(whole, trained);
        List<double[]> expected = values(trained);
        restore(trained, start);
        first.step(step(0, trained), RATE);
        second.restore(new HashMap<>(first.state()));
        second.step(step(1, trained), RATE);
        second.step(step(2, trained), RATE);
        assertThat(values(trained)).usingRecursiveComparison().isEqualTo(expected);
      }
    }
  }

  @Test
  void what_does_not_apply_is_refused() {
    OptimizerSpec plus = OptimizerSpec.of("loraplus", RATE);
    List<Parameter> both = List.of(pair.up());
    assertThatThrownBy(() -> optimizer(Optimizers.LORAPLUS, both, plus.withWeightDecay(0.1)))
        .hasMessageContaining("optimizer.weight_decay: got 0.1, expected 0 for loraplus");
    assertThatThrownBy(
            () -> optimizer(Optimizers.LORAPLUS, both, plus.withDecayOfBiasAndNorm(true)))
        .hasMessageContaining("decay_bias_and_norm: got true");
    OptimizerSpec fa = OptimizerSpec.of("lorafa", RATE);
    assertThatThrownBy(() -> optimizer(Optimizers.LORAFA, both, fa.withEpsilon(1e-7)))
        .hasMessageContaining("optimizer.epsilon: got 1.0E-7")
        .hasMessageContaining("set eps");
    assertThatThrownBy(() -> optimizer(Optimizers.LORAFA, List.of(head), fa))
        .hasMessageContaining("without LoRA's pairs of A and B");
    assertThatThrownBy(() -> new LoraPlusSpec(0, -1, -1))
        .hasMessageContaining("loraplus_lr_ratio: got 0.0")
        .hasMessageContaining("loraplus_lr_embedding: got -1.0")
        .hasMessageContaining("loraplus_weight_decay: got -1.0");
    assertThatThrownBy(() -> new LoraFaSpec(0, true, true)).hasMessageContaining("eps: got 0.0");
    assertThatThrownBy(
            () -> optimizer(Optimizers.LORAPLUS, both, plus.withParameters(Map.of("ratio", 2))))
        .hasMessageContaining("ratio");
  }

  private List<Parameter> all() {
    return List.of(pair.down(), pair.up(), embedding.down(), embedding.up(), magnitude, head, bias);
  }

  private Optimizer optimizer(OptimizerFactory kind, List<Parameter> trained, OptimizerSpec spec) {
    return kind.create(ParameterGroup.of(trained, List.of(pair, embedding), spec), spec);
  }

  private static StepNumbers numbers(double skip) {
    Tensor flag = Tensor.full(skip, DType.FLOAT32, 1);
    return new StepNumbers(
        RATE,
        Tensor.full(RATE, DType.FLOAT32, 1),
        new Clipping() {
          @Override
          public Tensor norm() {
            return flag;
          }

          @Override
          public Tensor skip() {
            return flag;
          }

          @Override
          public void apply() {}
        });
  }

  private static void train(Optimizer optimizer, List<Parameter> trained) {
    for (int i = 0; i < STEPS; i++) {
      optimizer.step(step(i, trained), RATE);
    }
  }

  private static List<Tensor> step(int step, List<Parameter> trained) {
    return trained.stream()
        .map(
            it -> {
              double[] values = gradient(step, (int) it.elements());
              float[] floats = new float[values.length];
              for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) values[i];
              }
              return Tensor.of(floats, it.value().shape());
            })
        .toList();
  }

  private static double[][] gradients(int count) {
    double[][] all = new double[STEPS][];
    for (int i = 0; i < STEPS; i++) {
      all[i] = gradient(i, count);
    }
    return all;
  }

  private static double[] gradient(int step, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) Math.sin(1 + step * 2.3 + i * 1.7);
    }
    return values;
  }

  private LowRankPair pair(String name, boolean embedding) {
    return new LowRankPair(
        parameter(name + ".a", ParameterSpec.Kind.WEIGHT, 2, 4),
        parameter(name + ".b", ParameterSpec.Kind.WEIGHT, 3, 2),
        SCALING,
        embedding);
  }

  private Parameter parameter(String name, ParameterSpec.Kind kind, long... shape) {
    int count = 1;
    for (long size : shape) {
      count *= (int) size;
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) Math.cos(name.length() + 1.3 * i * (i + 1));
    }
    return Parameter.fresh(name, kind, Tensor.of(values, shape), owner);
  }

  private static List<double[]> values(List<Parameter> parameters) {
    return parameters.stream().map(it -> it.value().toDoubles()).toList();
  }

  private static void restore(List<Parameter> parameters, List<double[]> values) {
    for (int i = 0; i < values.size(); i++) {
      float[] floats = new float[values.get(i).length];
      for (int k = 0; k < floats.length; k++) {
        floats[k] = (float) values.get(i)[k];
      }
      Parameter parameter = parameters.get(i);
      parameter.own().copyFrom(Tensor.of(floats, parameter.value().shape()));
    }
  }

  private static void assertTrained(Parameter parameter, double[] expected) {
    assertThat(parameter.value().toDoubles())
        .as(parameter.name())
        .containsExactly(expected, within(3e-6));
  }

  private static double[] adamw(double[] start, double rate, double decay) {
    double[][] gradients = gradients(start.length);
    double[] weights = start.clone();
    for (int i = 0; i < weights.length; i++) {
      double average = 0;
      double square = 0;
      for (int step = 1; step <= STEPS; step++) {
        double gradient = gradients[step - 1][i];
        weights[i] -= rate * decay * weights[i];
        average = 0.9 * average + 0.1 * gradient;
        square = 0.999 * square + 0.001 * gradient * gradient;
        double deviation = Math.sqrt(square / (1 - Math.pow(0.999, step))) + 1e-8;
        weights[i] -= rate * average / (1 - Math.pow(0.9, step)) / deviation;
      }
    }
    return weights;
  }

  /** AdamW as in former versions of transformers. */
  private static double[] former(
      double[] start, double[][] gradients, boolean correct, double decay) {
    double[] weights = start.clone();
    for (int i = 0; i < weights.length; i++) {
      double average = 0;
      double square = 0;
      for (int step = 1; step <= STEPS; step++) {
        double gradient = gradients[step - 1][i];
        average = 0.9 * average + 0.1 * gradient;
        square = 0.999 * square + 0.001 * gradient * gradient;
        double rate = RATE;
        if (correct) {
          rate *= Math.sqrt(1 - Math.pow(0.999, step)) / (1 - Math.pow(0.9, step));
        }
        weights[i] -= rate * average / (Math.sqrt(square) + 1e-6);
        weights[i] -= RATE * decay * weights[i];
      }
    }
    return weights;
  }

  /** g (A Aᵀ)^-1 / scaling² for a [3, 2] gradient and A [2, 4]. */
  private static double[] projected(double[] gradient, double[] a) {
    double[] gram = new double[4];
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 2; j++) {
        for (int k = 0; k < 4; k++) {
          gram[2 * i + j] += a[4 * i + k] * a[4 * j + k];
        }
      }
    }
    double determinant = gram[0] * gram[3] - gram[1] * gram[2];
    double[] inverse = {
      gram[3] / determinant, -gram[1] / determinant, -gram[2] / determinant, gram[0] / determinant
    };
    double[] product = new double[gradient.length];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 2; column++) {
        product[2 * row + column] =
            (gradient[2 * row] * inverse[column] + gradient[2 * row + 1] * inverse[2 + column])
                / (SCALING * SCALING);
      }
    }
    return product;
  }
}
