package dev.jlora.engine;

import dev.jlora.autograd.Tape;
import dev.jlora.data.BatchLoader;
import dev.jlora.data.BatchSampler;
import dev.jlora.data.Collator;
import dev.jlora.data.Example;
import dev.jlora.data.Examples;
import dev.jlora.data.HostBatch;
import dev.jlora.data.SamplerOptions;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.spi.Metric;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Predictions;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Judges a network on labelled rows: no dropout, no tape, nothing changes. */
public final class Evaluator {
  private static final Predictions NO_TEXTS = new Predictions.Texts(List.of(), List.of());

  private final Network network;
  private final Objective objective;
  private final Examples examples;
  private final Collator collator;
  private final int batchSize;
  private final boolean withoutPadding;
  private final List<Metric> metrics;
  private final @Nullable EvaluationGenerator composer;

  /**
   * @param withoutPadding whether padding is left out where that changes nothing
   * @param composer writes texts for metrics that need such; null if the task has none, or no
   *     metric looks at them
   * @throws IllegalArgumentException if a metric means nothing for this task
   */
  Evaluator(
      Network network,
      Objective objective,
      Examples examples,
      Collator collator,
      int batchSize,
      boolean withoutPadding,
      List<Metric> metrics,
      @Nullable EvaluationGenerator composer) {
    this.network = network;
    this.objective = objective;
    this.examples = examples;
    this.collator = collator;
    this.batchSize = batchSize;
    this.withoutPadding = withoutPadding && !objective.readsPadding();
    this.metrics = List.copyOf(metrics);
    this.composer = composer;
    List<Predictions> ways = new ArrayList<>(objective.collector().predictions());
    if (composer != null) {
      ways.add(NO_TEXTS);
    }
    this.metrics.forEach(metric -> fitting(metric, ways));
  }

  /**
   * Refuses metrics that are not defined for a task, before anything is loaded.
   *
   * @param writes whether the task can write texts
   */
  static void requireFitting(List<Metric> metrics, Objective objective, boolean writes) {
    List<Predictions> ways = new ArrayList<>(objective.collector().predictions());
    if (writes && needsWriting(metrics, objective)) {
      ways.add(NO_TEXTS);
    }
    metrics.forEach(metric -> fitting(metric, ways));
  }

  /** Whether a metric looks at texts that the model has to write first. */
  static boolean needsWriting(List<Metric> metrics, Objective objective) {
    List<Predictions> ways = objective.collector().predictions();
    return metrics.stream()
        .anyMatch(metric -> metric.fits(NO_TEXTS) && ways.stream().noneMatch(metric::fits));
  }

  /** Goes through all rows once; once more where texts are to be written. */
  public Evaluation evaluate() {
    long start = System.nanoTime();
    Objective.PredictionCollector judge = objective.collector();
    double losses = 0;
    long items = 0;
    int rows = 0;
    var sampler =
        new BatchSampler(
            examples.size(),
            new SamplerOptions(
                SamplerOptions.Order.LENGTH_GROUPED, batchSize, 0, /* dropLast= */ false),
            examples);
    try (BatchLoader loader =
        BatchLoader.start(sampler, examples, collator, BatchLoader.Options.epochs(1))) {
      for (HostBatch next = loader.next(); next != null; next = loader.next()) {
        try (HostBatch batch = next) {
          Judged judged = judged(batch, judge);
          losses += judged.loss() * judged.items();
          items += judged.items();
          rows += batch.size();
        }
      }
    }
    double loss = losses / items; // NaN where nothing is labelled
    List<Predictions> judgements = new ArrayList<>(judge.predictions());
    if (composer != null) {
      judgements.add(composer.write());
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Evaluation(loss, figures(judgements, loss), rows, items, seconds);
  }

  /** A batch's mean loss, and how many items it is a mean over; both 0 where there is none. */
  private record Judged(double loss, long items) {}

  private Judged judged(HostBatch batch, Objective.PredictionCollector judge) {
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> host = batch.toTensors();
      long items = objective.weight(host, batch.size());
      Map<String, Tensor> tensors = network.place(host);
      ForwardContext pass = ForwardContext.inference();
      Outputs outputs = network.forward(tensors, withoutPadding ? pass.withoutPadding() : pass);
      judge.add(outputs, tensors, examples(batch));
      double loss = items == 0 ? 0 : objective.loss(Tape.off(), outputs, tensors, 0).item();
      return new Judged(loss, items);
    }
  }

  private List<Example> examples(HostBatch batch) {
    return Arrays.stream(batch.rows().rows()).mapToObj(examples::get).toList();
  }

  private Map<String, Double> figures(List<Predictions> judgements, double loss) {
    var figures = new LinkedHashMap<String, Double>();
    for (Metric metric : metrics) {
      Predictions judged = fitting(metric, judgements);
      figures.put(metric.name(), judged.count() == 0 ? Double.NaN : metric.value(judged, loss));
      metric.parts(judged).forEach((part, value) -> figures.put(metric.name() + "_" + part, value));
    }
    return figures;
  }

  private static Predictions fitting(Metric metric, List<Predictions> judgements) {
    return judgements.stream()
        .filter(metric::fits)
        .findFirst()
        .orElseThrow(() -> unfit(metric, judgements));
  }

  private static IllegalArgumentException unfit(Metric metric, List<Predictions> judgements) {
    String kinds = judgements.stream().map(Evaluator::kind).collect(Collectors.joining(" and "));
    return new IllegalArgumentException(
        "Metric '%s': got %s to judge, which it means nothing for; choose a metric of this task"
            .formatted(metric.name(), kinds));
  }

  private static String kind(Predictions judgements) {
    return switch (judgements) {
      case Predictions.Classes classes -> "one of %d classes".formatted(classes.classes());
      case Predictions.Labels labels -> "any of %d labels".formatted(labels.labels());
      case Predictions.Values _ -> "numbers";
      case Predictions.Tags tags -> "one of %d tags for each word".formatted(tags.names().size());
      case Predictions.Texts _ -> "texts";
    };
  }
}
