package dev.jlora.engine.evaluation;

import dev.jlora.autograd.Tape;
import dev.jlora.data.BatchLoader;
import dev.jlora.data.BatchSampler;
import dev.jlora.data.Collator;
import dev.jlora.data.Dataset;
import dev.jlora.data.Example;
import dev.jlora.data.Examples;
import dev.jlora.data.HostBatch;
import dev.jlora.data.SamplerOptions;
import dev.jlora.data.TextEncoder;
import dev.jlora.engine.jobs.JobEncoding;
import dev.jlora.engine.jobs.MetricFit;
import dev.jlora.engine.jobs.ResolvedJob;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.spec.Padding;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.GenerativeTask;
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
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Evaluates a network on labelled rows, without dropout and gradients. */
public final class Evaluator {
  private final Network network;
  private final Objective objective;
  private final Examples examples;
  private final Collator collator;
  private final int batchSize;
  private final boolean withoutPadding;
  private final List<Metric> metrics;
  private final @Nullable EvaluationGenerator composer;

  /**
   * @param withoutPadding whether padding is skipped where that changes nothing
   * @param composer generates text for metrics that need it; null if the task cannot, or no metric
   *     needs it
   * @throws IllegalArgumentException if a metric is not defined for this task
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
    MetricFit.require(this.metrics, objective, composer != null);
  }

  /** An evaluation of a job's network on rows of it. */
  public static Evaluator of(
      ResolvedJob work,
      Network network,
      Objective objective,
      JobEncoding encoding,
      List<Metric> metrics,
      Dataset rows) {
    return new Evaluator(
        network,
        objective,
        encoding.examples(rows, EncodingMode.EVALUATE),
        encoding.collator(),
        work.job().training().evalBatchSize(),
        work.job().data().padding() != Padding.MAX_LENGTH,
        metrics,
        writer(work, network, objective, encoding, metrics, rows));
  }

  private static @Nullable EvaluationGenerator writer(
      ResolvedJob work,
      Network network,
      Objective objective,
      JobEncoding encoding,
      List<Metric> metrics,
      Dataset rows) {
    TextEncoder text = encoding.text();
    return work.task() instanceof GenerativeTask task
            && text != null
            && MetricFit.needsWriting(metrics, objective)
        ? new EvaluationGenerator(work, task, network, text, rows)
        : null;
  }

  /** Evaluates all rows; texts are generated in a second pass if needed. */
  public Evaluation evaluate() {
    return Objects.requireNonNull(evaluate(() -> false));
  }

  /**
   * Evaluates all rows unless it is interrupted.
   *
   * @param interrupted checked before each batch, and before each generated token
   * @return null if it was interrupted
   */
  public @Nullable Evaluation evaluate(BooleanSupplier interrupted) {
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
          if (interrupted.getAsBoolean()) {
            return null;
          }
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
      Predictions.Texts texts = composer.write(interrupted);
      if (texts == null) {
        return null;
      }
      judgements.add(texts);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Evaluation(loss, figures(judgements, loss), rows, items, seconds);
  }

  /** A batch's mean loss, and its number of items; both 0 without labels. */
  private record Judged(double loss, long items) {}

  private Judged judged(HostBatch batch, Objective.PredictionCollector judge) {
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> host = batch.toTensors();
      long items = objective.weight(network.transformed(host), batch.size());
      Map<String, Tensor> tensors = network.place(host);
      ForwardContext pass = ForwardContext.inference();
      Outputs outputs = network.forward(tensors, withoutPadding ? pass.withoutPadding() : pass);
      judge.add(outputs, pass.inputs(), examples(batch));
      double loss = items == 0 ? 0 : objective.loss(Tape.off(), outputs, pass.inputs(), 0).item();
      return new Judged(loss, items);
    }
  }

  private List<Example> examples(HostBatch batch) {
    return Arrays.stream(batch.rows().rows()).mapToObj(examples::get).toList();
  }

  private Map<String, Double> figures(List<Predictions> judgements, double loss) {
    var figures = new LinkedHashMap<String, Double>();
    for (Metric metric : metrics) {
      Predictions judged = MetricFit.fitting(metric, judgements);
      figures.put(metric.name(), judged.count() == 0 ? Double.NaN : metric.value(judged, loss));
      metric.parts(judged).forEach((part, value) -> figures.put(metric.name() + "_" + part, value));
    }
    return figures;
  }
}
