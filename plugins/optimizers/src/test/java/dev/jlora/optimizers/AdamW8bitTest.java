package dev.jlora.optimizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.backend.Clipping;
import dev.jlora.backend.StepNumbers;
import dev.jlora.model.Parameter;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.ops.Reduce;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.OptimizerFactory;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** AdamW with states of 8 bits, against loops over floats and against AdamW itself. */
class AdamW8bitTest {
  private static final double RATE = 0.01;
  private static final double DECAY = 0.1;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;
  private static final int BLOCK = 256;
  private static final int LARGE = 5000; // its last block is not full

  private Scope scope;
  private Scope owner;

  @BeforeEach
  void open() {
    scope = Scope.open();
    owner = Scope.detached();
  }

  @AfterEach
  void close() {
    owner.close();
    scope.close();
  }

  private static float[] values(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(3) - 2));
    }
    return values;
  }

  private ParameterGroup parameter(String name, int count, double decay) {
    return new ParameterGroup(Parameter.fresh(name, Tensor.of(values(count, 1)), owner), decay);
  }

  private static Optimizer optimizer(OptimizerFactory kind, ParameterGroup... parameters) {
    return kind.create(
        List.of(parameters),
        new OptimizerSpec(kind.name(), RATE, 0, true, BETA1, BETA2, EPSILON, 0, false));
  }

  @Test
  void the_codes_stand_for_the_numbers_of_bitsandbytes() {
    float[] signed = DynamicMap.values(true);
    assertThat(signed).hasSize(256).isSorted().doesNotHaveDuplicates().contains(0f);
    assertThat(signed[0]).isEqualTo(-0.99296875f);
    assertThat(signed[254]).isEqualTo(0.99296875f);
    assertThat(signed[255]).isEqualTo(1f);
    assertThat(signed[128]).isEqualTo(5.5e-7f, within(1e-13f));
    float[] unsigned = DynamicMap.values(false);
    assertThat(unsigned).hasSize(256).isSorted().doesNotHaveDuplicates();
    assertThat(unsigned[0]).isZero();
    assertThat(unsigned[1]).isEqualTo(3.25e-7f, within(1e-13f));
    assertThat(unsigned[254]).isEqualTo(0.99648440f, within(1e-7f));
  }

  @Test
  void follows_the_formula_written_out() {
    ParameterGroup trained = parameter("a", LARGE, DECAY);
    ByHand expected = new ByHand(values(LARGE, 1));
    try (Optimizer optimizer = optimizer(Optimizers.ADAMW_8BIT, trained)) {
      for (int step = 1; step <= 5; step++) {
        float[] gradient = values(LARGE, 100 + step);
        optimizer.step(List.of(Tensor.of(gradient)), RATE);
        expected.step(gradient, step);
      }
      assertThat(trained.parameter().value().toFloats())
          .containsExactly(expected.weights, within(2e-5f));
    }
  }

  /** One parameter's course in plain loops. */
  private static final class ByHand {
    private final float[] weights;
    private final float[] average;
    private final float[] square;

    ByHand(float[] start) {
      weights = start;
      average = new float[start.length];
      square = new float[start.length];
    }

    void step(float[] gradient, int step) {
      for (int i = 0; i < weights.length; i++) {
        average[i] = (float) (BETA1 * average[i] + (1 - BETA1) * gradient[i]);
        square[i] = (float) (BETA2 * square[i] + (1 - BETA2) * gradient[i] * gradient[i]);
        double corrected = average[i] / (1 - Math.pow(BETA1, step));
        double spread = Math.sqrt(square[i] / (1 - Math.pow(BETA2, step))) + EPSILON;
        weights[i] = (float) (weights[i] * (1 - RATE * DECAY) - RATE * corrected / spread);
      }
      round(average, DynamicMap.values(true));
      round(square, DynamicMap.values(false));
    }

    /** To the nearest of the numbers that 8 bits can say, block by block. */
    private static void round(float[] values, float[] map) {
      for (int from = 0; from < values.length; from += BLOCK) {
        int to = Math.min(values.length, from + BLOCK);
        float largest = 0;
        for (int i = from; i < to; i++) {
          largest = Math.max(largest, Math.abs(values[i]));
        }
        for (int i = from; i < to; i++) {
          float scaled = values[i] / largest;
          float nearest = map[0];
          for (float candidate : map) {
            nearest =
                Math.abs(candidate - scaled) < Math.abs(nearest - scaled) ? candidate : nearest;
          }
          values[i] = nearest * largest;
        }
      }
    }
  }

  @Test
  void a_large_parameter_takes_two_bytes_of_state_an_element_and_a_small_one_eight() {
    try (Optimizer optimizer =
        optimizer(Optimizers.ADAMW_8BIT, parameter("a", 4096, 0), parameter("b", 4095, 0))) {
      Map<String, Tensor> state = optimizer.state();
      assertThat(state.get("a.exp_avg").dtype()).isEqualTo(DType.UINT8);
      assertThat(state.get("b.exp_avg").dtype()).isEqualTo(DType.FLOAT32);
      long bytes =
          state.entrySet().stream()
              .filter(entry -> entry.getKey().startsWith("a."))
              .mapToLong(entry -> entry.getValue().elements() * entry.getValue().dtype().bytes())
              .sum();
      assertThat(bytes).isEqualTo(2 * 4096 + 3 * 4 * 4096 / BLOCK);
    }
  }

  @Test
  void a_restored_state_goes_on_bit_for_bit() {
    ParameterGroup[] whole = {parameter("a", LARGE, DECAY), parameter("b", 10, DECAY)};
    ParameterGroup[] split = {parameter("a", LARGE, DECAY), parameter("b", 10, DECAY)};
    try (Optimizer all = optimizer(Optimizers.ADAMW_8BIT, whole);
        Optimizer first = optimizer(Optimizers.ADAMW_8BIT, split);
        Optimizer second = optimizer(Optimizers.ADAMW_8BIT, split)) {
      for (int step = 0; step < 4; step++) {
        all.step(gradients(step), RATE);
      }
      first.step(gradients(0), RATE);
      first.step(gradients(1), RATE);
      second.restore(first.state());
      second.step(gradients(2), RATE);
      second.step(gradients(3), RATE);
    }
    for (int i = 0; i < 2; i++) {
      assertThat(split[i].parameter().value().toFloats())
          .containsExactly(whole[i].parameter().value().toFloats());
    }
  }

  private static List<Tensor> gradients(int step) {
    return List.of(Tensor.of(values(LARGE, step)), Tensor.of(values(10, step)));
  }

  @Test
  void a_parameter_without_a_gradient_stays_as_it_is_and_so_do_its_moments() {
    ParameterGroup trained = parameter("a", LARGE, DECAY);
    ParameterGroup absent = parameter("b", LARGE, DECAY);
    ParameterGroup alone = parameter("a", LARGE, DECAY);
    try (Optimizer both = optimizer(Optimizers.ADAMW_8BIT, trained, absent);
        Optimizer one = optimizer(Optimizers.ADAMW_8BIT, alone)) {
      for (int step = 0; step < 3; step++) {
        Tensor gradient = Tensor.of(values(LARGE, step));
        both.step(Arrays.asList(gradient, null), RATE);
        one.step(List.of(gradient), RATE);
      }
      assertThat(both.state().get("b.step").toFloats()).containsOnly(0);
    }
    assertThat(absent.parameter().value().toFloats()).containsExactly(values(LARGE, 1));
    assertThat(trained.parameter().value().toFloats())
        .containsExactly(alone.parameter().value().toFloats());
  }

  /** Gradients that are no numbers. */
  private record Skipped(Tensor norm, Tensor skip) implements Clipping {
    @Override
    public void apply() {}
  }

  @Test
  void a_skipped_step_changes_nothing() {
    ParameterGroup trained = parameter("a", LARGE, DECAY);
    try (Optimizer optimizer = optimizer(Optimizers.ADAMW_8BIT, trained)) {
      optimizer.step(List.of(Tensor.of(values(LARGE, 2))), RATE);
      float[] weights = trained.parameter().value().toFloats();
      Map<String, float[]> state = copy(optimizer.state());
      Tensor infinite = Tensor.full(Double.NaN, DType.FLOAT32, LARGE);
      optimizer.step(
          List.of(infinite),
          new StepNumbers(
              RATE,
              Tensor.full(RATE, DType.FLOAT32, 1),
              new Skipped(
                  Tensor.scalar(Double.NaN, DType.FLOAT32), Tensor.ones(DType.FLOAT32, 1))));
      assertThat(trained.parameter().value().toFloats()).containsExactly(weights);
      copy(optimizer.state())
          .forEach((name, values) -> assertThat(values).as(name).containsExactly(state.get(name)));
    }
  }

  private static Map<String, float[]> copy(Map<String, Tensor> state) {
    Map<String, float[]> copy = new LinkedHashMap<>();
    state.forEach((name, tensor) -> copy.put(name, Ops.to(tensor, DType.FLOAT32).toFloats()));
    return copy;
  }

  @Test
  void learns_as_well_as_adamw() {
    double plain = regression(Optimizers.ADAMW);
    double quantized = regression(Optimizers.ADAMW_8BIT);
    assertThat(plain).isLessThan(0.02);
    assertThat(quantized).isLessThan(0.02);
  }

  /** The mean squared error, of 1 before, that is left of a linear map of 64 to 128. */
  private double regression(OptimizerFactory kind) {
    Random random = new Random(3);
    Tensor x = gaussian(random, 512, 64, 1);
    Tensor y = Products.mm(x, gaussian(random, 64, 128, 0.125));
    Parameter weight = Parameter.fresh("w", Tensor.zeros(DType.FLOAT32, 64, 128), owner);
    try (Optimizer optimizer = optimizer(kind, new ParameterGroup(weight, 0))) {
      for (int step = 0; step < 200; step++) {
        try (var _ = Scope.open()) {
          Tensor error = Ops.sub(Products.mm(x, weight.value()), y);
          Tensor gradient = Ops.mul(Products.mm(Ops.contiguous(Views.t(x)), error), 1.0 / 512);
          optimizer.step(List.<@Nullable Tensor>of(gradient), RATE);
        }
      }
    }
    return Reduce.mean(Ops.square(Ops.sub(Products.mm(x, weight.value()), y))).item();
  }

  private static Tensor gaussian(Random random, int rows, int columns, double scale) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return Tensor.of(values, rows, columns);
  }
}
