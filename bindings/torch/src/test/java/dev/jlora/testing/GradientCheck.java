package dev.jlora.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.Tape;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;

/**
 * Holds a function's gradients against central finite differences, in FLOAT64.
 *
 * <pre>{@code
 * GradientCheck.of((tape, in) -> Functions.matmul(tape, in[0], in[1]))
 *     .input(2, 3).input(3, 4).holds();
 * }</pre>
 *
 * <p>Besides the values it checks that watching one input alone gives the same gradient and no
 * other, that a gradient of the output with strides of its own is understood, and that nothing
 * leaks. A function with dropout must draw from the same offset at each call: make its random
 * stream inside the lambda.
 */
public final class GradientCheck {
  /** The function under check. */
  @FunctionalInterface
  public interface Forward {
    Tensor apply(Tape tape, Tensor... inputs);
  }

  private static final double STEP = 1e-5;

  private final Forward forward;
  private final List<double[]> values = new ArrayList<>();
  private final List<long[]> shapes = new ArrayList<>();
  private final Random random = new Random(20110);
  private Offset<Double> tolerance = within(1e-6);

  private GradientCheck(Forward forward) {
    this.forward = forward;
  }

  public static GradientCheck of(Forward forward) {
    return new GradientCheck(forward);
  }

  /** Adds an input of normal random values, none of them closer to 0 than 0.05. */
  public GradientCheck input(long... shape) {
    int count = 1;
    for (long size : shape) {
      count *= (int) size;
    }
    double[] drawn = new double[count];
    for (int i = 0; i < count; i++) {
      double value = random.nextGaussian();
      drawn[i] = Math.abs(value) < 0.05 ? 0.05 : value;
    }
    return input(drawn, shape);
  }

  /** Adds an input of given values. */
  public GradientCheck input(double[] given, long... shape) {
    values.add(given.clone());
    shapes.add(shape.clone());
    return this;
  }

  /** The absolute difference allowed; 1e-6 unless told. */
  public GradientCheck toWithin(double absolute) {
    tolerance = within(absolute);
    return this;
  }

  /** Fails unless all of the above holds. */
  public void holds() {
    long live = Tensor.live();
    try (var _ = Scope.open()) {
      double[] weights = outputWeights();
      double[][] expected = numeric(weights);
      boolean[] all = new boolean[values.size()];
      for (int i = 0; i < all.length; i++) {
        all[i] = true;
        boolean[] one = new boolean[all.length];
        one[i] = true;
        compare("watched alone, ", one, weights, expected, false);
      }
      compare("", all, weights, expected, false);
      compare("gradient of the output with other strides, ", all, weights, expected, true);
    }
    assertThat(Tensor.live()).as("live tensors after the check").isEqualTo(live);
  }

  private Tensor[] inputs() {
    Tensor[] inputs = new Tensor[values.size()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = Tensor.of(values.get(i), shapes.get(i));
    }
    return inputs;
  }

  private double[] outputWeights() {
    try (var _ = Scope.open();
        var tape = Tape.off()) {
      long count = forward.apply(tape, inputs()).elements();
      return random.doubles(count, -1, 1).toArray();
    }
  }

  private double weighted(double[] weights) {
    try (var _ = Scope.open();
        var tape = Tape.off()) {
      double[] output = forward.apply(tape, inputs()).toDoubles();
      double sum = 0;
      for (int i = 0; i < output.length; i++) {
        sum += output[i] * weights[i];
      }
      return sum;
    }
  }

  private double[][] numeric(double[] weights) {
    double[][] gradients = new double[values.size()][];
    for (int i = 0; i < gradients.length; i++) {
      double[] input = values.get(i);
      gradients[i] = new double[input.length];
      for (int j = 0; j < input.length; j++) {
        double value = input[j];
        input[j] = value + STEP;
        double above = weighted(weights);
        input[j] = value - STEP;
        double below = weighted(weights);
        input[j] = value;
        gradients[i][j] = (above - below) / (2 * STEP);
      }
    }
    return gradients;
  }

  private void compare(
      String how, boolean[] watched, double[] weights, double[][] expected, boolean strided) {
    try (var _ = Scope.open();
        var tape = Tape.recording()) {
      Tensor[] inputs = inputs();
      for (int i = 0; i < inputs.length; i++) {
        if (watched[i]) {
          tape.watch(inputs[i]);
        }
      }
      Tensor output = forward.apply(tape, inputs);
      Tensor gradOutput = Tensor.of(weights, output.shape());
      if (strided && output.rank() >= 2) {
        gradOutput = Views.transpose(Ops.contiguous(Views.transpose(gradOutput, 0, -1)), 0, -1);
      }
      assertThat(output.dtype()).isEqualTo(DType.FLOAT64);
      try (Gradients gradients = tape.backward(output, gradOutput)) {
        for (int i = 0; i < inputs.length; i++) {
          Tensor gradient = gradients.of(inputs[i]);
          if (!watched[i]) {
            assertThat(gradient).as("%sgradient of unwatched input %d", how, i).isNull();
            continue;
          }
          assertThat(gradient.shape()).isEqualTo(shapes.get(i));
          assertThat(gradient.toDoubles())
              .as("%sgradient of input %d", how, i)
              .containsExactly(expected[i], tolerance);
        }
      }
    }
  }
}
