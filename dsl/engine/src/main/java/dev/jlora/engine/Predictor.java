package dev.jlora.engine;

import static dev.jlora.spi.ImageTask.IMAGE_COLUMN;

import dev.jlora.data.BatchRows;
import dev.jlora.data.Collator;
import dev.jlora.data.Dataset;
import dev.jlora.data.Example;
import dev.jlora.data.HostBatch;
import dev.jlora.data.Row;
import dev.jlora.data.TextEncoder;
import dev.jlora.engine.jobs.ColumnGuess;
import dev.jlora.engine.jobs.JobEncoding;
import dev.jlora.engine.jobs.ResolvedJob;
import dev.jlora.engine.jobs.RowFiles;
import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.engine.models.LoadedModel;
import dev.jlora.host.Plugins;
import dev.jlora.model.network.OpenGuard;
import dev.jlora.model.runtime.AdapterLease;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.Padding;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.Answer;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.ImageTask;
import dev.jlora.spi.Objective;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Computes predictions of a trained model for texts, or for images given by their paths. Owns the
 * network. Thread-safe; closing waits for predictions in progress.
 */
public final class Predictor implements AutoCloseable {
  private static final ColumnsSpec TEXT = new ColumnsSpec("text", null, null, null, IMAGE_COLUMN);

  /** The answer for an unreadable image, if these are skipped. */
  private static final Answer NONE = new Answer("", 0, Map.of());

  private final ResolvedJob work;
  private final LoadedModel model;
  private final JobEncoding encoding;
  private final @Nullable TextEncoder text;
  private final Objective objective;
  private final Collator collator;
  private final OpenGuard guard = new OpenGuard("this predictor");
  private final ModelAdapters adapters;

  private Predictor(ResolvedJob work, LoadedModel model, JobEncoding encoding) {
    this.work = work;
    this.model = model;
    this.encoding = encoding;
    this.text = encoding.text();
    this.objective = work.task().objective(work.config(), text);
    this.collator = encoding.padding();
    this.adapters = new ModelAdapters(work.plugins(), model, guard);
  }

  /**
   * Opens a trained model; its adapter is merged, which makes predictions faster.
   *
   * @param job the job it was trained by, with resolved labels: {@link Engine#job}
   * @param adapter the folder of its adapter, or of a whole model that replaces the job's; null for
   *     the job's model without an adapter
   */
  public static Predictor open(Plugins plugins, JobSpec job, @Nullable Path adapter) {
    if (adapter != null && AdapterLoader.isWholeModel(adapter)) {
      return open(plugins, AdapterLoader.jobOn(adapter, job), null);
    }
    ResolvedJob work = ResolvedJob.withoutRows(plugins, job).forAdapter(adapter);
    LoadedModel model = work.load();
    try {
      if (adapter != null) {
        AdapterLoader.apply(plugins, adapter, model);
      }
      return of(work, model, JobEncoding.open(work));
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static Predictor of(ResolvedJob work, LoadedModel model, JobEncoding encoding) {
    try {
      return new Predictor(work, model, encoding);
    } catch (RuntimeException e) {
      encoding.close();
      throw e;
    }
  }

  /**
   * Opens a trained model for feature extraction.
   *
   * @param job the job it was trained by, with resolved labels: {@link Engine#job}
   * @param features {@link TaskSpec#FEATURE_EXTRACTION} or one of its variants; for an image model
   *     it selects the image task of that kind
   * @param adapter the folder of its adapter; null for the job's model without an adapter
   */
  public static Predictor openFeatures(
      Plugins plugins, JobSpec job, String features, @Nullable Path adapter) {
    ResolvedJob work = ResolvedJob.withoutRows(plugins, job);
    String architecture = work.architecture().name();
    String name = work.task() instanceof ImageTask ? "image-" + features : features;
    TaskSpec task = new TaskSpec(name, job.task().labels(), null, List.of());
    return open(
        plugins, job.withTask(task).withModel(job.model().withArchitecture(architecture)), adapter);
  }

  /** Computes the prediction for one text or image. */
  public Answer predict(String input) {
    return predict(List.of(input)).getFirst();
  }

  /**
   * Computes the predictions for texts or images, in order and in batches of the job's evaluation
   * batch size.
   */
  public List<Answer> predict(List<String> inputs) {
    return predict(inputs, (String) null);
  }

  /**
   * Computes predictions with an attached adapter instead of the one that was opened. Threads may
   * use different adapters at the same time.
   *
   * @param adapter the name of an attached adapter; null for the one that was opened
   * @throws dev.jlora.model.ModelException naming the most similar names, if none is attached under
   *     this one
   */
  public List<Answer> predict(List<String> inputs, @Nullable String adapter) {
    return predict(rows(inputs), TEXT, adapter == null ? null : AdapterSelection.of(adapter));
  }

  /**
   * Computes predictions with other adapters than the selected ones: several with weights, none, or
   * one selection per input ({@link AdapterSelection#perRow}). Inputs with different adapters share
   * batches, whose base is computed once.
   *
   * @throws dev.jlora.model.ModelException naming the most similar names, if none is attached under
   *     one of these
   * @throws IllegalArgumentException if there is not one selection per input
   */
  public List<Answer> predict(List<String> inputs, AdapterSelection selection) {
    if (selection instanceof AdapterSelection.PerRow rows && rows.rows().size() != inputs.size()) {
      throw new IllegalArgumentException(
          "adapters by row: got %,d selections for %,d inputs, expected one for each"
              .formatted(rows.rows().size(), inputs.size()));
    }
    return predict(rows(inputs), TEXT, selection);
  }

  private List<Row> rows(List<String> inputs) {
    String column = work.task() instanceof ImageTask ? IMAGE_COLUMN : "text";
    return inputs.stream().map(input -> Row.of(Map.of(column, input))).toList();
  }

  /** The attached adapters: attaching, replacing, renaming, selecting. */
  public ModelAdapters adapters() {
    return adapters;
  }

  /**
   * Loads another adapter for the same base, task and labels. The adapter that was opened is
   * unmerged.
   *
   * @param name its name for {@link #predict(List, String)}
   * @param adapter its folder
   * @throws dev.jlora.io.FormatException if the folder contains no adapter for this model
   */
  public void attach(String name, Path adapter) {
    adapters.attach(name, adapter);
  }

  /** Frees an attached adapter, after predictions in progress. */
  public void detach(String name) {
    adapters.detach(name);
  }

  /**
   * The rows of a file, in the format given by its name, else in the job's.
   *
   * @throws dev.jlora.io.FormatException naming the file, if it cannot be read
   */
  public Dataset rows(Path file) {
    return rows(file, null);
  }

  /**
   * The rows of a file in a given format; {@code -} is standard input.
   *
   * @param format null uses the one given by the file name, else the job's
   * @throws dev.jlora.io.FormatException naming the file, if it cannot be read
   */
  public Dataset rows(Path file, @Nullable String format) {
    return new RowFiles(work.plugins(), work.job().data()).toAnswer(file, format);
  }

  /**
   * Computes the predictions for rows, with the job's columns; with usual names if the job names
   * none.
   */
  public List<Answer> predict(Dataset rows) {
    return predict(
        IntStream.range(0, rows.size()).mapToObj(rows::row).toList(),
        ColumnGuess.of(work.job(), rows.columns()),
        null);
  }

  private List<Answer> predict(
      List<Row> rows, ColumnsSpec columns, @Nullable AdapterSelection selection) {
    try (var _ = guard.use();
        AdapterLease lease = model.network().lease(adapters.asked(selection))) {
      model.network().requireUnchanged();
      return answers(rows, columns, lease);
    }
  }

  /** All answers come from the leased adapters, even if others are attached meanwhile. */
  private List<Answer> answers(List<Row> rows, ColumnsSpec columns, AdapterLease lease) {
    int size = work.job().training().evalBatchSize();
    var encoder = work.task().encoder(work.config(), text, columns, EncodingMode.PREDICT);
    List<List<Row>> parts =
        text == null
            ? rows.stream().map(List::of).toList()
            : work.task().parts(rows, text, work.job().data());
    List<Row> all = parts.stream().flatMap(List::stream).toList();
    List<AdapterSelection> perPart = perPart(lease.selection(), parts);
    List<Answer> answers = new ArrayList<>();
    for (int from = 0; from < all.size(); from += size) {
      int to = Math.min(all.size(), from + size);
      List<Row> some = all.subList(from, to);
      List<AdapterSelection> own = perPart.isEmpty() ? perPart : perPart.subList(from, to);
      answers.addAll(answer(encoder.encode(some), lease, own));
    }
    return joined(parts, answers);
  }

  /** The selection of each part of a row; empty if all rows have the same adapters. */
  private static List<AdapterSelection> perPart(AdapterSelection selection, List<List<Row>> parts) {
    List<AdapterSelection> selections = new ArrayList<>();
    if (selection instanceof AdapterSelection.PerRow rows) {
      for (int i = 0; i < parts.size(); i++) {
        selections.addAll(Collections.nCopies(parts.get(i).size(), rows.rows().get(i)));
      }
    }
    return selections;
  }

  /** Combines the answers for the parts of each row. */
  private List<Answer> joined(List<List<Row>> parts, List<Answer> answers) {
    List<Answer> joined = new ArrayList<>(parts.size());
    int from = 0;
    for (List<Row> row : parts) {
      joined.add(work.task().joined(answers.subList(from, from + row.size())));
      from += row.size();
    }
    return List.copyOf(joined);
  }

  private List<Answer> answer(
      List<Example> examples, AdapterLease lease, List<AdapterSelection> perExample) {
    var rows = new BatchRows(0, 0, IntStream.range(0, examples.size()).toArray(), true);
    try (HostBatch batch = collator.collate(examples, rows);
        Scope scope = Scope.open()) {
      Map<String, Tensor> tensors = model.network().place(batch.toTensors());
      int[] answered = batch.rows().rows(); // fewer where images that cannot be read are skipped
      ForwardContext pass = pass().withLease(lease);
      if (!perExample.isEmpty()) {
        pass.withAdapters(
            AdapterSelection.perRow(Arrays.stream(answered).mapToObj(perExample::get).toList()));
      }
      Outputs outputs = model.network().forward(tensors, pass);
      List<Answer> answers =
          objective.answers(
              outputs, pass.inputs(), Arrays.stream(answered).mapToObj(examples::get).toList());
      List<Answer> all = new ArrayList<>(Collections.nCopies(examples.size(), NONE));
      for (int i = 0; i < answered.length; i++) {
        all.set(answered[i], answers.get(i));
      }
      return all;
    }
  }

  private ForwardContext pass() {
    ForwardContext pass = ForwardContext.inference();
    if (work.job().data().padding() != Padding.MAX_LENGTH) {
      pass.withoutPadding();
    }
    return objective.readsAllTokens() ? pass.withAllTokens() : pass;
  }

  /** Frees the model, after predictions in progress. Idempotent. */
  @Override
  public void close() {
    guard.close(this::free);
  }

  private void free() {
    encoding.close();
    model.close();
  }
}
