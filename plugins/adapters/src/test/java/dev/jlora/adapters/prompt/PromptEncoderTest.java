package dev.jlora.adapters.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.Start;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The networks that compute virtual tokens, against loops over doubles and finite differences. */
class PromptEncoderTest {
  private static final int TOKENS = 3;
  private static final int WIDTH = 4;
  private static final int HIDDEN = 2;
  private static final double STEP = 1e-5;

  private final Random random = new Random(5);

  /** Encoders with the computation that they stand for. */
  static Stream<Case> encoders() {
    return Stream.of(
        new Case(new TableEncoder(TOKENS, WIDTH, Start.normal(1)), PromptEncoderTest::table),
        new Case(new MlpEncoder(TOKENS, WIDTH, HIDDEN), PromptEncoderTest::mlp),
        new Case(new LstmEncoder(TOKENS, WIDTH, HIDDEN, 1, 0), v -> lstm(v, 1)),
        new Case(new LstmEncoder(TOKENS, WIDTH, HIDDEN, 2, 0.5), v -> lstm(v, 2)),
        new Case(
            new ProjectionEncoder(TOKENS, WIDTH, HIDDEN, 12, false),
            PromptEncoderTest::projection));
  }

  /** Those that compute something. */
  static Stream<Case> networks() {
    return encoders().filter(one -> !one.encoder().isTable());
  }

  record Case(PromptEncoder encoder, Plain plain) {}

  /** A computation in plain arithmetic. */
  interface Plain {
    double[][] of(Values values);
  }

  /** Parameters by their names without the prefix. */
  record Values(Map<String, double[]> byName) {
    double[] get(String name) {
      return byName.get(PromptEncoder.PREFIX + name);
    }

    double[][] rows(String name, int columns) {
      double[] flat = get(name);
      double[][] rows = new double[flat.length / columns][columns];
      for (int i = 0; i < flat.length; i++) {
        rows[i / columns][i % columns] = flat[i];
      }
      return rows;
    }

    /** W x + b. */
    double[] linear(String weight, String bias, double[] x) {
      double[][] w = rows(weight, x.length);
      double[] y = get(bias).clone();
      for (int i = 0; i < y.length; i++) {
        for (int j = 0; j < x.length; j++) {
          y[i] += w[i][j] * x[j];
        }
      }
      return y;
    }

    double[] linear(String name, double[] x) {
      return linear(name + ".weight", name + ".bias", x);
    }
  }

  private static double[][] table(Values values) {
    return values.rows("embedding.weight", WIDTH);
  }

  private static double[][] mlp(Values values) {
    return each(
        table(values),
        e ->
            values.linear(
                "mlp_head.4",
                relu(values.linear("mlp_head.2", relu(values.linear("mlp_head.0", e))))));
  }

  private static double[][] projection(Values values) {
    return each(
        table(values),
        e -> {
          double[] inner = values.linear("transform.0", e);
          for (int i = 0; i < inner.length; i++) {
            inner[i] = Math.tanh(inner[i]);
          }
          return values.linear("transform.2", inner);
        });
  }

  private static double[][] lstm(Values values, int layers) {
    double[][] x = table(values);
    for (int layer = 0; layer < layers; layer++) {
      double[][] forward = direction(values, x, "_l" + layer, false);
      double[][] backward = direction(values, x, "_l" + layer + "_reverse", true);
      x = new double[TOKENS][2 * HIDDEN];
      for (int t = 0; t < TOKENS; t++) {
        System.arraycopy(forward[t], 0, x[t], 0, HIDDEN);
        System.arraycopy(backward[t], 0, x[t], HIDDEN, HIDDEN);
      }
    }
    return each(x, e -> values.linear("mlp_head.2", relu(values.linear("mlp_head.0", e))));
  }

  private static double[][] direction(Values values, double[][] x, String end, boolean reverse) {
    double[][] states = new double[TOKENS][];
    double[] state = new double[HIDDEN];
    double[] cell = new double[HIDDEN];
    for (int i = 0; i < TOKENS; i++) {
      int t = reverse ? TOKENS - 1 - i : i;
      String weight = "lstm_head.weight_";
      String bias = "lstm_head.bias_";
      double[] a = values.linear(weight + "ih" + end, bias + "ih" + end, x[t]);
      double[] b = values.linear(weight + "hh" + end, bias + "hh" + end, state);
      double[] next = new double[HIDDEN];
      for (int j = 0; j < HIDDEN; j++) {
        double input = sigmoid(a[j] + b[j]);
        double forget = sigmoid(a[HIDDEN + j] + b[HIDDEN + j]);
        double candidate = Math.tanh(a[2 * HIDDEN + j] + b[2 * HIDDEN + j]);
        double output = sigmoid(a[3 * HIDDEN + j] + b[3 * HIDDEN + j]);
        cell[j] = forget * cell[j] + input * candidate;
        next[j] = output * Math.tanh(cell[j]);
      }
      state = next;
      states[t] = next;
    }
    return states;
  }

  private interface Row {
    double[] of(double[] row);
  }

  private static double[][] each(double[][] rows, Row function) {
    double[][] all = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      all[i] = function.of(rows[i]);
    }
    return all;
  }

  private static double[] relu(double[] x) {
    double[] y = x.clone();
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.max(0, y[i]);
    }
    return y;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void tokens_are_those_of_plain_arithmetic(Case one) {
    Map<String, double[]> values = values(one.encoder());
    double[] expected =
        Stream.of(one.plain().of(new Values(values))).flatMapToDouble(Arrays::stream).toArray();
    try (var _ = Scope.open()) {
      Tensor tokens = encoded(one.encoder(), Tape.off(), tensors(one.encoder(), values), false);
      assertThat(tokens.size(0)).isEqualTo(TOKENS);
      assertThat(tokens.toDoubles()).containsExactly(expected, within(1e-12));
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void gradients_agree_with_finite_differences(Case one) {
    PromptEncoder encoder = one.encoder();
    Map<String, double[]> values = values(encoder);
    double[] weights;
    Map<String, double[]> found = new LinkedHashMap<>();
    try (var _ = Scope.open();
        Tape tape = Tape.recording()) {
      Map<String, Tensor> tensors = tensors(encoder, values);
      tensors.values().forEach(tape::watch);
      Tensor tokens = encoded(encoder, tape, tensors, false);
      weights = normal(Math.toIntExact(tokens.elements()));
      try (Gradients gradients = tape.backward(tokens, Tensor.of(weights, tokens.shape()))) {
        tensors.forEach((name, tensor) -> found.put(name, gradients.of(tensor).toDoubles()));
      }
    }
    values.forEach(
        (name, value) -> {
          double[] expected = new double[value.length];
          for (int i = 0; i < value.length; i++) {
            double kept = value[i];
            value[i] = kept + STEP;
            double above = weighted(one, values, weights);
            value[i] = kept - STEP;
            double below = weighted(one, values, weights);
            value[i] = kept;
            expected[i] = (above - below) / (2 * STEP);
          }
          assertThat(expected).as(name).isNotEqualTo(new double[expected.length]);
          assertThat(found.get(name)).as(name).containsExactly(expected, within(1e-8));
        });
  }

  @Test
  void dropout_is_between_the_layers_of_the_lstm_in_training_only() {
    PromptEncoder encoder = new LstmEncoder(TOKENS, WIDTH, HIDDEN, 2, 0.5);
    try (var _ = Scope.open()) {
      Map<String, Tensor> tensors = tensors(encoder, values(encoder));
      double[] still = encoded(encoder, Tape.off(), tensors, false).toDoubles();
      assertThat(encoded(encoder, Tape.off(), tensors, true).toDoubles()).isNotEqualTo(still);
      PromptEncoder single = new LstmEncoder(TOKENS, WIDTH, HIDDEN, 1, 0.5);
      assertThat(encoded(single, Tape.off(), tensors, true).toDoubles())
          .isEqualTo(encoded(single, Tape.off(), tensors, false).toDoubles());
    }
  }

  @Test
  void a_projection_that_starts_at_zero_computes_zeros() {
    PromptEncoder encoder = new ProjectionEncoder(TOKENS, WIDTH, HIDDEN, 12, true);
    assertThat(encoder.parameters().subList(3, 5))
        .allSatisfy(parameter -> assertThat(parameter.start()).isSameAs(Start.ZEROS));
  }

  private double weighted(Case one, Map<String, double[]> values, double[] weights) {
    double sum = 0;
    int i = 0;
    for (double[] row : one.plain().of(new Values(values))) {
      for (double value : row) {
        sum += value * weights[i++];
      }
    }
    return sum;
  }

  private static Tensor encoded(
      PromptEncoder encoder, Tape tape, Map<String, Tensor> tensors, boolean training) {
    return encoder.encode(
        new PromptEncoder.Run(tape, tensors, training, training ? new RandomStream(3) : null));
  }

  private Map<String, double[]> values(PromptEncoder encoder) {
    Map<String, double[]> values = new LinkedHashMap<>();
    for (OwnParameter parameter : encoder.parameters()) {
      values.put(parameter.name(), normal(Math.toIntExact(parameter.elements())));
    }
    return values;
  }

  private static Map<String, Tensor> tensors(PromptEncoder encoder, Map<String, double[]> values) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (OwnParameter parameter : encoder.parameters()) {
      tensors.put(parameter.name(), Tensor.of(values.get(parameter.name()), parameter.shape()));
    }
    return tensors;
  }

  private double[] normal(int count) {
    return random.doubles(count).map(_ -> random.nextGaussian()).toArray();
  }
}
