package dev.jlora.tasks;

import dev.jlora.autograd.Tape;
import dev.jlora.data.Collator;
import dev.jlora.data.Example;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.ops.Ops;
import dev.jlora.spi.Answer;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Predictions;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Next-token prediction: cross-entropy on logits [B, S, vocabulary] against labels [B, S] shifted
 * by one, so that a row's last logits are ignored.
 *
 * @param names the text of a token
 */
record NextToken(int vocabulary, IntFunction<String> names) implements Objective {

  @Override
  public Tensor loss(Tape tape, Outputs outputs, Map<String, Tensor> batch, double labelSmoothing) {
    return Losses.crossEntropy(tape, outputs, moved(batch), labelSmoothing);
  }

  /** The labels shifted to the left by one; shifting them avoids a copy of the logits. */
  private static Tensor moved(Map<String, Tensor> batch) {
    Tensor labels = Losses.labels(batch, "labels");
    long length = labels.size(1);
    Tensor none = Tensor.full(Collator.IGNORED, DType.INT64, labels.device(), labels.size(0), 1);
    return Ops.cat(1, Views.slice(labels, 1, 1, length), none);
  }

  /** Number of predicted tokens: all but the first of each row. */
  @Override
  public long weight(Map<String, Tensor> batch, int rows) {
    Tensor labels = Losses.labels(batch, "labels");
    long[] ids = labels.toLongs();
    long length = labels.size(1);
    return IntStream.range(0, ids.length)
        .filter(i -> i % length != 0 && ids[i] != Collator.IGNORED)
        .count();
  }

  @Override
  public PredictionCollector collector() {
    ClassCollector collector = new ClassCollector(vocabulary, /* ranked= */ false);
    return new PredictionCollector() {
      @Override
      public void add(Outputs outputs, Map<String, Tensor> batch, List<Example> examples) {
        collector.add(outputs, Map.of("labels", moved(batch)), examples);
      }

      @Override
      public List<Predictions> predictions() {
        return collector.predictions();
      }
    };
  }

  /** The most probable next token of each text. */
  @Override
  public List<Answer> answers(Outputs outputs, Map<String, Tensor> batch, List<Example> examples) {
    Tensor logits = outputs.logits();
    Tensor attended = Rows.mask(batch, logits.size(1));
    var answers = new ArrayList<Answer>();
    for (int row = 0; row < logits.size(0); row++) {
      long last = logits.size(1) - 1;
      if (attended != null) {
        long[] mask = Ops.contiguous(Views.select(attended, 0, row)).toLongs();
        while (last > 0 && mask[(int) last] == 0) {
          last--;
        }
      }
      Tensor here = Ops.contiguous(Views.select(Views.select(logits, 0, row), 0, last));
      int best = Rows.largest(here)[0];
      answers.add(new Answer(names.apply(best), Rows.probabilities(here)[best], Map.of()));
    }
    return answers;
  }

  @Override
  public List<String> defaultMetrics() {
    return List.of("perplexity", "accuracy");
  }
}
