package com.example.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.Architecture;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * Three rows of 5, 20 and 32 tokens, with padding on one side, and a hidden token inside the second
 * row; and what a model says about them. Without padding 8, 24 and 32 columns remain.
 *
 * @param left whether the padding is on the left
 */
record Rows(boolean left) {
  static final int WORDS = 30;

  private static final int COLUMNS = 32;
  private static final int[] LENGTHS = {5, 20, 32};
  private static final int HIDDEN = 9;
  private static final double STEP = 1e-5;

  /** A model by hand: [tokens][features] of a row, of which some tokens are hidden. */
  interface Model {
    double[][] logits(int[] ids, boolean[] visible);
  }

  static Network network(Architecture architecture, DType dtype) {
    return Network.of(
        architecture,
        parameter -> {
          Random random = new Random(parameter.name().hashCode());
          double[] values = new double[(int) parameter.elements()];
          double around = parameter.name().contains("norm") ? 1 : 0;
          Arrays.setAll(values, _ -> around + 0.3 * random.nextGaussian());
          return Tensor.of(values, parameter.sizes());
        },
        dtype);
  }

  /** Compares the logits of every visible token with those by hand. */
  void compare(Network network, ForwardContext pass, Model model, double tolerance) {
    try (var _ = Scope.open()) {
      Tensor logits = network.forward(batch(), pass).logits();
      double[] all = logits.toDoubles();
      int width = (int) logits.size(2);
      for (int row = 0; row < LENGTHS.length; row++) {
        boolean[] visible = visible(row);
        double[][] expected = model.logits(ids(row), visible);
        for (int t = 0; t < expected.length; t++) {
          int at = (row * COLUMNS + start(row) + t) * width;
          if (visible[t]) {
            assertThat(Arrays.copyOfRange(all, at, at + width))
                .as("row %d, token %d", row, t)
                .containsExactly(expected[t], within(tolerance));
          }
        }
      }
    }
  }

  /** Compares logits [B, n] of the first tokens with those by hand. */
  void compareFirst(Network network, ForwardContext pass, Model model, double tolerance) {
    try (var _ = Scope.open()) {
      Tensor logits = network.forward(batch(), pass).logits();
      double[] all = logits.toDoubles();
      int width = (int) logits.size(1);
      for (int row = 0; row < LENGTHS.length; row++) {
        assertThat(Arrays.copyOfRange(all, row * width, (row + 1) * width))
            .as("row %d", row)
            .containsExactly(model.logits(ids(row), visible(row))[0], within(tolerance));
      }
    }
  }

  /** The gradients of a weighted sum of the visible tokens' logits, by parameter. */
  Map<String, double[]> gradients(Network network, boolean unpadded) {
    Map<String, double[]> found = new LinkedHashMap<>();
    try (var _ = Scope.open();
        Tape tape = Tape.recording()) {
      network.parameters().forEach(parameter -> parameter.trainable(true));
      ForwardContext pass = ForwardContext.recording(tape);
      Tensor logits = network.forward(batch(), unpadded ? pass.withoutPadding() : pass).logits();
      try (Gradients gradients = tape.backward(logits, weights(logits))) {
        for (Parameter parameter : network.parameters()) {
          found.put(parameter.name(), gradients.of(parameter.value()).toDoubles());
        }
      }
    }
    return found;
  }

  /** Compares three gradients of every parameter with central differences. */
  void compareWithDifferences(Network network, Map<String, double[]> gradients) {
    Random random = new Random(5);
    for (Parameter parameter : network.parameters()) {
      for (int i = 0; i < 3; i++) {
        int at = random.nextInt((int) parameter.elements());
        double slope = (moved(network, parameter, at, STEP) - moved(network, parameter, at, -STEP));
        assertThat(gradients.get(parameter.name())[at])
            .as("%s[%d]", parameter.name(), at)
            .isCloseTo(slope / (2 * STEP), within(1e-6));
      }
    }
  }

  private double moved(Network network, Parameter parameter, int at, double by) {
    try (var _ = Scope.open()) {
      double[] values = parameter.value().toDoubles();
      Tensor before = Tensor.of(values, parameter.value().shape());
      values[at] += by;
      parameter.own().copyFrom(Tensor.of(values, parameter.value().shape()));
      Tensor logits = network.forward(batch(), ForwardContext.inference()).logits();
      double[] all = logits.toDoubles();
      double[] weights = weights(logits).toDoubles();
      double sum = 0;
      for (int i = 0; i < all.length; i++) {
        sum += all[i] * weights[i];
      }
      parameter.own().copyFrom(before);
      return sum;
    }
  }

  /** Random weights of [B, S, n], zero for hidden tokens. */
  private Tensor weights(Tensor logits) {
    double[] weights = new Random(2).doubles(logits.elements(), -1, 1).toArray();
    long[] mask = mask();
    int width = (int) logits.size(2);
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= mask[i / width];
    }
    Tensor all = Tensor.of(weights, logits.shape());
    return logits.dtype() == DType.FLOAT64 ? all : Ops.to(all, logits.dtype());
  }

  private Map<String, Tensor> batch() {
    long[] ids = new long[LENGTHS.length * COLUMNS];
    for (int row = 0; row < LENGTHS.length; row++) {
      int[] own = ids(row);
      for (int t = 0; t < own.length; t++) {
        ids[row * COLUMNS + start(row) + t] = own[t];
      }
    }
    return Map.of(
        "input_ids", Tensor.of(ids, LENGTHS.length, COLUMNS),
        "attention_mask", Tensor.of(mask(), LENGTHS.length, COLUMNS));
  }

  private long[] mask() {
    long[] mask = new long[LENGTHS.length * COLUMNS];
    for (int row = 0; row < LENGTHS.length; row++) {
      boolean[] visible = visible(row);
      for (int t = 0; t < visible.length; t++) {
        mask[row * COLUMNS + start(row) + t] = visible[t] ? 1 : 0;
      }
    }
    return mask;
  }

  private int start(int row) {
    return left ? COLUMNS - LENGTHS[row] : 0;
  }

  private static int[] ids(int row) {
    return new Random(row).ints(LENGTHS[row], 0, WORDS).toArray();
  }

  private static boolean[] visible(int row) {
    boolean[] visible = new boolean[LENGTHS[row]];
    Arrays.fill(visible, true);
    if (row == 1) {
      visible[HIDDEN] = false;
    }
    return visible;
  }
}
