package dev.jlora.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * A model of the library beside equations written out, over the same texts.
 *
 * @param texts token ids, all of one length
 * @param padding the id that nobody sees
 */
record Comparison(TinyModel model, int[][] texts, int padding) {

  /** The library's output is what the equations give for each text. */
  void assertOutput(String output, IntFunction<double[]> equations) {
    try (var _ = Scope.open();
        Network network = model.network()) {
      Outputs outputs = network.forward(Batches.of(texts, padding), ForwardContext.inference());
      assertThat(outputs.get(output).toDoubles())
          .as(output)
          .containsExactly(ofAllTexts(equations), within(1e-9));
    }
  }

  /** What the tape gives for a weight, the logits [texts, labels] pulled at by {@code pull}. */
  double[] gradient(String weight, double[] pull) {
    try (var _ = Scope.open();
        Network network = model.network();
        Tape tape = Tape.recording()) {
      Parameter parameter = network.parameter(weight);
      parameter.trainable(true);
      Tensor logits =
          network.forward(Batches.of(texts, padding), ForwardContext.recording(tape)).logits();
      Tensor pulls = Tensor.of(pull, texts.length, pull.length / texts.length);
      try (Gradients gradients = tape.backward(logits, pulls)) {
        return gradients.of(parameter.value()).toDoubles();
      }
    }
  }

  /** Central differences by a weight of the equations' logits, pulled at by {@code pull}. */
  double[] slopes(String weight, double[] pull, IntFunction<double[]> logits) {
    double[] values = model.weights().get(weight);
    double[] slopes = new double[values.length];
    double step = 1e-6;
    for (int i = 0; i < values.length; i++) {
      double before = values[i];
      values[i] = before + step;
      double up = pulled(pull, logits);
      values[i] = before - step;
      slopes[i] = (up - pulled(pull, logits)) / (2 * step);
      values[i] = before;
    }
    return slopes;
  }

  private double pulled(double[] pull, IntFunction<double[]> logits) {
    double[] all = ofAllTexts(logits);
    return IntStream.range(0, pull.length).mapToDouble(i -> pull[i] * all[i]).sum();
  }

  private double[] ofAllTexts(IntFunction<double[]> equations) {
    return IntStream.range(0, texts.length)
        .mapToObj(equations)
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }
}
