package dev.jlora.tasks;

import dev.jlora.autograd.Tape;
import dev.jlora.data.Collator;
import dev.jlora.data.Encoded;
import dev.jlora.data.Example;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.spi.Answer;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Predictions;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One label per word: cross-entropy on [B, S, C] at the first token of each word; other tokens are
 * labelled {@link Collator#IGNORED}.
 */
record WordLabels(List<String> labels) implements Objective {

  @Override
  public Tensor loss(Tape tape, Outputs outputs, Map<String, Tensor> batch, double labelSmoothing) {
    return Losses.crossEntropy(
        tape, outputs.logits(), Losses.labels(batch, "labels"), labelSmoothing);
  }

  /** Number of labelled words. */
  @Override
  public long weight(Map<String, Tensor> batch, int rows) {
    return Losses.counted(batch, "labels");
  }

  @Override
  public PredictionCollector collector() {
    return new Collected();
  }

  /** Collects words individually, and as sequences of tags, which may form entities. */
  private final class Collected implements PredictionCollector {
    private final ClassCollector words = new ClassCollector(labels.size(), /* ranked= */ false);
    private final IntList lengths = new IntList();

    @Override
    public void add(Outputs outputs, Map<String, Tensor> batch, List<Example> examples) {
      words.add(outputs, batch, examples);
      Tensor tags = Losses.labels(batch, "labels");
      int length = Math.toIntExact(tags.size(1));
      long[] ids = tags.toLongs();
      for (int from = 0; from < ids.length; from += length) {
        int judged = 0;
        for (int i = from; i < from + length; i++) {
          judged += ids[i] == Collator.IGNORED ? 0 : 1;
        }
        lengths.add(judged);
      }
    }

    @Override
    public List<Predictions> predictions() {
      Predictions.Classes each = words.classes();
      return List.of(
          each, new Predictions.Tags(labels, lengths.toArray(), each.predicted(), each.expected()));
    }
  }

  /** One part per word, with its text and label. */
  @Override
  public List<Answer> answers(Outputs outputs, Map<String, Tensor> batch, List<Example> examples) {
    Tensor logits = outputs.logits();
    int length = Math.toIntExact(logits.size(1));
    double[] probabilities = Rows.probabilities(logits);
    int[] best = Rows.largest(logits);
    var answers = new ArrayList<Answer>();
    for (int row = 0; row < examples.size(); row++) {
      Words words = examples.get(row).origin(Words.class);
      var parts = new ArrayList<Answer.Part>();
      for (int word = 0; word < words.tokens().length; word++) {
        if (words.tokens()[word] != Encoded.NONE) {
          int at = row * length + outputs.virtualTokens() + words.tokens()[word];
          double score = probabilities[at * labels.size() + best[at]];
          parts.add(new Answer.Part(word, words.texts().get(word), labels.get(best[at]), score));
        }
      }
      double mean = parts.stream().mapToDouble(Answer.Part::score).average().orElse(0);
      String all = parts.stream().map(Answer.Part::label).collect(Collectors.joining(" "));
      answers.add(new Answer(all, mean, Map.of(), parts));
    }
    return answers;
  }

  @Override
  public List<String> defaultMetrics() {
    return labels.stream().anyMatch(label -> label.startsWith("B-") || label.startsWith("I-"))
        ? List.of("accuracy", "entity_f1", "entity_precision", "entity_recall")
        : List.of("accuracy", "f1_macro", "f1_micro");
  }
}
