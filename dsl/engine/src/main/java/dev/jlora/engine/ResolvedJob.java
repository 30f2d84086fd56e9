package dev.jlora.engine;

import dev.jlora.data.Collator;
import dev.jlora.data.Dataset;
import dev.jlora.data.Examples;
import dev.jlora.data.ImageCollator;
import dev.jlora.data.PaddingCollator;
import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.data.image.Augmentation;
import dev.jlora.data.image.ImageProcessor;
import dev.jlora.host.Plugins;
import dev.jlora.io.Amount;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.ModelFolder;
import dev.jlora.model.tree.Architecture;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.ImagesSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.Padding;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.ImageTask;
import dev.jlora.spi.Metric;
import dev.jlora.spi.ModelFamily;
import dev.jlora.spi.Task;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job with its open questions answered, before any weight is read: which architecture, which
 * labels, which rows.
 *
 * @param job with labels and problem settled, so that it means the same without the data
 * @param config the model's configuration for the task
 * @param headThere whether the base model brings the task's head
 * @param train the training rows, or null
 * @param notes what was decided from the rows and why, for the plan
 */
record ResolvedJob(
    Plugins plugins,
    JobSpec job,
    ModelFolder folder,
    ModelConfig config,
    ModelFamily family,
    Task task,
    Architecture architecture,
    boolean headThere,
    @Nullable Dataset train,
    List<String> notes) {

  /** Reads the training rows, which may bring the labels. */
  static ResolvedJob of(Plugins plugins, JobSpec job) {
    return of(plugins, job, new RowFiles(plugins, job.data()).train());
  }

  /** For a job whose labels are settled: the data need not be there any more. */
  static ResolvedJob withoutRows(Plugins plugins, JobSpec job) {
    return of(plugins, job, null);
  }

  private static ResolvedJob of(Plugins plugins, JobSpec job, @Nullable Dataset train) {
    JobParts.check(plugins, job);
    ModelFolder folder = ModelFolder.open(Path.of(job.model().path()));
    ModelConfig base = folder.config();
    ModelLoader loader = new ModelLoader(plugins);
    Task task = plugins.tasks().get(job.task().name());
    String architecture = job.model().architecture();
    if (architecture == null) {
      architecture = loader.architecture(base, task);
    }
    boolean headThere = ModelLoader.hasHead(base, architecture);
    Task.Settled settled = task.settle(base, job.task(), headThere, train, job.data().columns());
    ModelConfig config = settled.config();
    ModelFamily family = loader.family(base);
    Architecture declared = family.declare(config, architecture);
    Dataset kept =
        train == null || !job.data().onlyLabels()
            ? train
            : RowFiles.withLabels(train, config.labels(), job.data(), job.data().trainLimit());
    List<String> notes = new ArrayList<>(settled.reasons());
    if (kept != train) {
      notes.add(
          "%s: kept %,d of %s, those with the labels %s"
              .formatted(
                  train.name(), kept.size(), Amount.of(train.size(), "row"), config.labels()));
    }
    return new ResolvedJob(
        plugins,
        settled(job, settled, adapter(task, declared, job.adapter())),
        folder,
        config,
        family,
        task,
        declared,
        headThere && config.labels().equals(base.labels()),
        kept,
        List.copyOf(notes));
  }

  /** The same job with another adapter. */
  ResolvedJob with(AdapterSpec adapter) {
    return new ResolvedJob(
        plugins,
        job.withAdapter(adapter),
        folder,
        config,
        family,
        task,
        architecture,
        headThere,
        train,
        notes);
  }

  /** The spec with the heads that the task trains in full although PEFT has no type for it. */
  static @Nullable AdapterSpec adapter(
      Task task, Architecture architecture, @Nullable AdapterSpec spec) {
    return spec == null || !task.trainsHead() ? spec : spec.alsoSaving(architecture.heads());
  }

  private static JobSpec settled(JobSpec job, Task.Settled found, @Nullable AdapterSpec adapter) {
    ModelConfig config = found.config();
    TaskSpec task = job.task();
    TaskSpec.Problem problem = task.problem();
    for (TaskSpec.Problem candidate : TaskSpec.Problem.values()) {
      if (config.problemType().filter(candidate.text()::equals).isPresent()) {
        problem = candidate;
      }
    }
    return new JobSpec(
        job.model(),
        new TaskSpec(task.name(), config.labels(), problem, task.metrics()),
        adapter,
        job.data().toBuilder().columns(found.columns()).build(),
        job.optimizer(),
        job.schedule(),
        job.training(),
        job.callbacks());
  }

  LoadedModel load() {
    return new ModelLoader(plugins)
        .load(
            folder,
            config,
            architecture.name(),
            !headThere || FolderJob.isFeatures(task.name()), // vectors need no head
            job.model().precision(),
            job.training().seed(),
            Devices.of(job.training().device()));
  }

  /** The tokenizer of the model; null for a task of images. */
  @Nullable TextEncoder openText() {
    if (task instanceof ImageTask) {
      return null;
    }
    Integer longest = job.data().maxLength();
    TextOptions options = task.textOptions();
    if (longest != null) {
      options = options.withMaxLength(longest);
    }
    options = options.withPlainChat(job.data().plainChat());
    return ModelText.open(
        folder,
        config,
        job.data().truncation() ? options : options.withoutTruncation(),
        architecture.maxPositions());
  }

  Examples examples(Dataset rows, @Nullable TextEncoder text, EncodingMode purpose) {
    Dataset arranged =
        purpose.labelled() && text != null ? task.arrange(rows, text, job.data()) : rows;
    return new Examples(arranged, task.encoder(config, text, job.data().columns(), purpose));
  }

  /** Makes batches for training, with what is random about them. */
  Collator trainingCollator(@Nullable TextEncoder text, long seed) {
    ImagesSpec images = job.data().images();
    return task instanceof ImageTask
        ? images(new Augmentation(images.randomCrop(), images.flip(), seed))
        : collator(text, seed);
  }

  /** Makes batches, and does to them what the task wants. */
  Collator collator(@Nullable TextEncoder text, long seed) {
    Collator padding = padding(text);
    return text == null ? padding : task.collator(padding, text, seed);
  }

  private Collator images(Augmentation augmentation) {
    ImagesSpec images = job.data().images();
    ImageProcessor processor = ImageProcessor.of(folder.path());
    Integer threads = images.threads();
    return new ImageCollator(
        images.size() == null ? processor : processor.withSize(images.size()),
        augmentation,
        images.orientation() == ImagesSpec.Orientation.EXIF,
        images.corrupt() == ImagesSpec.Corrupt.SKIP,
        threads == null ? Math.ceilDiv(Runtime.getRuntime().availableProcessors(), 2) : threads);
  }

  /** Makes batches and no more. */
  Collator padding(@Nullable TextEncoder text) {
    if (text == null) {
      return images(Augmentation.NONE);
    }
    DataSpec data = job.data();
    var padding =
        PaddingCollator.Padding.longest(
                text.padId(), architecture.inputs().contains("token_type_ids"))
            .withMultipleOf(data.padToMultipleOf())
            .withLimit((int) architecture.maxPositions());
    boolean fixed = data.padding() == Padding.MAX_LENGTH && data.maxLength() != null;
    return new PaddingCollator(fixed ? padding.withLength(data.maxLength()) : padding);
  }

  /** The rows of evaluations during training; null where the job has none. */
  @Nullable Dataset validation() {
    return evaluated(files().validation(), job.data().validationLimit());
  }

  /** The rows of the last evaluation; null where the job has none. */
  @Nullable Dataset test() {
    return evaluated(files().test(), job.data().testLimit());
  }

  RowFiles files() {
    return new RowFiles(plugins, job.data());
  }

  private @Nullable Dataset evaluated(@Nullable Dataset rows, @Nullable Integer limit) {
    return rows == null || !job.data().onlyLabels()
        ? rows
        : RowFiles.withLabels(rows, config.labels(), job.data(), limit);
  }

  /** The metrics to report: the job's, else the task's own, and the one the best is chosen by. */
  List<Metric> metrics(List<String> defaults) {
    var names =
        new LinkedHashSet<>(job.task().metrics().isEmpty() ? defaults : job.task().metrics());
    String best = job.training().bestMetric();
    if (best != null && !best.equals("loss")) {
      names.add(best);
    }
    return names.stream().map(name -> plugins.metrics().get(name)).toList();
  }
}
