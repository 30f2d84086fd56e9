package dev.jlora.tasks;

import dev.jlora.autograd.Tape;
import dev.jlora.data.Collator;
import dev.jlora.data.Example;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.spi.Answer;
import dev.jlora.spi.Objective;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The objective of masked language modelling: cross-entropy on [B, S, C]; tokens labelled {@link
 * Collator#IGNORED} are ignored.
 *
 * @param classes size of the vocabulary
 * @param names the name of a class
 * @param only predictions are returned for tokens with this id only; null for all tokens
 */
record MaskedTokens(int classes, IntFunction<String> names, @Nullable Integer only)
    implements Objective {

  @Override
  public Tensor loss(Tape tape, Outputs outputs, Map<String, Tensor> batch, double labelSmoothing) {
    return Losses.crossEntropy(tape, outputs, Losses.labels(batch, "labels"), labelSmoothing);
  }

  /** Number of masked tokens. */
  @Override
  public long weight(Map<String, Tensor> batch, int rows) {
    return Losses.counted(batch, "labels");
  }

  @Override
  public PredictionCollector collector() {
    return new ClassCollector(classes, /* ranked= */ false);
  }

  @Override
  public List<Answer> answers(Outputs outputs, Map<String, Tensor> batch, List<Example> examples) {
    Tensor logits = outputs.logits();
    int length = Math.toIntExact(logits.size(1));
    double[] probabilities = Rows.probabilities(logits);
    int[] best = Rows.largest(logits);
    Tensor attended = batch.get("attention_mask");
    long[] mask = attended == null ? null : attended.toLongs();
    long[] ids = batch.get("input_ids").toLongs();
    var answers = new ArrayList<Answer>();
    for (int row = 0; row < logits.size(0); row++) {
      var parts = new ArrayList<Answer.Part>();
      for (int token = 0; token < length; token++) {
        int at = row * length + token;
        if ((mask == null || mask[at] != 0) && (only == null || ids[at] == only)) {
          double score = probabilities[at * classes + best[at]];
          parts.add(new Answer.Part(token, "", names.apply(best[at]), score));
        }
      }
      double mean = parts.stream().mapToDouble(Answer.Part::score).average().orElse(0);
      answers.add(new Answer(summary(parts), mean, Map.of(), parts));
    }
    return answers;
  }

  @Override
  public List<String> defaultMetrics() {
    return List.of("perplexity", "accuracy");
  }

  private static String summary(List<Answer.Part> parts) {
    return parts.stream().map(Answer.Part::label).collect(Collectors.joining(" "));
  }
}
