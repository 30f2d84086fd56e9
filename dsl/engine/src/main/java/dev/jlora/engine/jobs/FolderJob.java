package dev.jlora.engine.jobs;

import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.engine.models.ModelLoader;
import dev.jlora.engine.runs.RunFolder;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.JobFile;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.ModelFolder;
import dev.jlora.io.TensorFile;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TaskSpec.Problem;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.spi.ModelFamily;
import dev.jlora.spi.Task;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The job of a trained folder: that of the run which wrote it, else one derived from the files of a
 * model or an adapter.
 */
public final class FolderJob {
  /** Placeholder for the rows of a folder's job, which has none until a file is named. */
  private static final String NO_ROWS = "(no rows named)";

  private static final String BASE_KEY = "base_model_name_or_path";

  private static final List<String> CLASSIFICATIONS =
      List.of(
          TaskSpec.SEQUENCE_CLASSIFICATION,
          TaskSpec.TOKEN_CLASSIFICATION,
          TaskSpec.IMAGE_CLASSIFICATION);

  private final Plugins plugins;
  private final ModelLoader loader;

  public FolderJob(Plugins plugins) {
    this.plugins = plugins;
    this.loader = new ModelLoader(plugins);
  }

  /** Whether a job came from a folder without rows, and still has none. */
  public static boolean hasNoRows(JobSpec job) {
    return NO_ROWS.equals(job.data().test());
  }

  /**
   * The job of a folder.
   *
   * @param base the adapter's base model; null for the one it names
   * @param features whether features are requested, for which a model needs no head
   * @throws FormatException naming the folder or file, if it is incomplete
   */
  public JobSpec of(Path folder, @Nullable Path base, boolean features) {
    if (Files.isRegularFile(folder.resolve(JobFile.NAME))) {
      JobSpec job = onBase(read(folder), base);
      requireBase(folder, job, base != null);
      return job;
    }
    if (!Files.isDirectory(folder)) {
      throw new FormatException(
          folder,
          Files.exists(folder) ? "is a file, expected a folder." : "no such folder.",
          "Give the output folder of a run, a model's folder, or an adapter's.");
    }
    Optional<JobSpec> around = around(folder);
    if (AdapterLoader.isAdapter(folder)) {
      return around.isPresent() ? onBase(around.get(), base) : ofAdapter(folder, base, features);
    }
    if (!Files.isRegularFile(folder.resolve(ModelConfig.FILE))) {
      throw new FormatException(
          folder,
          "holds no job.json, so it is not the output folder of a run, and neither a config.json"
              + " nor an adapter_config.json.",
          "Give the output folder of a run, a model's folder, or an adapter's; or name the job it"
              + " belongs to with --job JOB.json.");
    }
    JobSpec own = ofModel(folder, features);
    return around.filter(job -> sameModel(job, own)).orElse(own);
  }

  /** A run needs its base, unless it was full fine-tuning. */
  private static void requireBase(Path run, JobSpec job, boolean given) {
    Path file = run.resolve(JobFile.NAME);
    if (given || AdapterLoader.isWholeModel(run) || JobFile.base(job, file).isPresent()) {
      return;
    }
    throw new FormatException(
        file,
        "says that its base is '%s', which is no model's folder, neither from here (%s) nor from"
                .formatted(job.model().path(), Path.of("").toAbsolutePath())
            + " the job's file or a folder around it.",
        "If it was moved, name its folder: --base DIR, or predictor(run, base) in Java.");
  }

  private JobSpec read(Path run) {
    return JobFile.read(run.resolve(JobFile.NAME), plugins.specTypes());
  }

  /** The job of the run whose folder contains this one, such as a checkpoint. */
  private Optional<JobSpec> around(Path folder) {
    Path run = folder.toAbsolutePath().normalize().getParent();
    return run != null && RunFolder.isRun(run) ? Optional.of(read(run)) : Optional.empty();
  }

  /**
   * Whether a model inside a run's folder belongs to the run: both have the same task and labels.
   */
  private boolean sameModel(JobSpec run, JobSpec own) {
    List<String> labels = ModelFolder.open(Path.of(own.model().path())).config().labels();
    return run.task().name().equals(own.task().name())
        && (run.task().labels().isEmpty() || run.task().labels().equals(labels));
  }

  private static JobSpec onBase(JobSpec job, @Nullable Path base) {
    return base == null ? job : AdapterLoader.jobOn(base, job);
  }

  private JobSpec ofModel(Path folder, boolean features) {
    ModelConfig config = ModelFolder.open(folder).config();
    ModelFamily family = loader.family(config);
    Optional<Task> task = headTask(config, family);
    if (task.isPresent()) {
      return job(folder, task.get().name(), List.of());
    }
    if (!features) {
      throw withoutHead(folder, config, family);
    }
    return job(folder, featureTask(folder, family), List.of());
  }

  /** The task of the head in a configuration; empty if it has none. */
  public Optional<String> head(ModelConfig config) {
    return headTask(config, loader.family(config)).map(Task::name);
  }

  /** The task of the head that the checkpoint was saved with. */
  private Optional<Task> headTask(ModelConfig config, ModelFamily family) {
    List<String> saved = config.architectures();
    return plugins.tasks().all().stream()
        .filter(task -> !isFeatures(task.name()))
        .filter(task -> family.architecture(task.name()).filter(saved::contains).isPresent())
        .findFirst();
  }

  /** The default task for training a model. */
  public String usualTask(Path model) {
    ModelFamily family = loader.family(ModelFolder.open(model).config());
    if (family.architecture(TaskSpec.SEQUENCE_CLASSIFICATION).isPresent()) {
      return TaskSpec.SEQUENCE_CLASSIFICATION;
    }
    return tasks(family, _ -> true).map(Task::name).orElse(TaskSpec.SEQUENCE_CLASSIFICATION);
  }

  /** Whether a task is feature extraction. */
  static boolean isFeatures(String task) {
    return task.contains(TaskSpec.FEATURE_EXTRACTION);
  }

  private static String featureTask(Path folder, ModelFamily family) {
    return List.of(TaskSpec.FEATURE_EXTRACTION, TaskSpec.IMAGE_FEATURE_EXTRACTION).stream()
        .filter(name -> family.architecture(name).isPresent())
        .findFirst()
        .orElseThrow(
            () ->
                new FormatException(
                    folder,
                    "is of the %s family, which computes no vectors.".formatted(family.modelType()),
                    ""));
  }

  private FormatException withoutHead(Path folder, ModelConfig config, ModelFamily family) {
    List<String> saved = config.architectures();
    List<String> heads =
        plugins.tasks().all().stream()
            .map(Task::name)
            .filter(name -> !isFeatures(name) && family.architecture(name).isPresent())
            .map(name -> "%s (%s)".formatted(family.architecture(name).orElseThrow(), name))
            .distinct()
            .sorted()
            .toList();
    return new FormatException(
        folder,
        saved.isEmpty()
            ? "does not say in config.json which head its model has ('architectures'), expected one"
                + " of %s.".formatted(heads)
            : "holds %s, which has no task head; the classes of its family with one are %s."
                .formatted(String.join(", ", saved), heads),
        "It is good for vectors (predict with --features, features() in Java) and as the model to"
            + " train from (train --model); if it was trained for a task, name that by --job"
            + " JOB.json.");
  }

  private JobSpec ofAdapter(Path folder, @Nullable Path given, boolean features) {
    ModelConfig adapter = ModelConfig.read(folder.resolve(PeftConfig.FILE));
    Path base = given == null ? base(folder, adapter) : given;
    ModelConfig config = ModelFolder.open(base).config();
    ModelFamily family = loader.family(config);
    String type = adapter.text("task_type", "");
    Optional<Task> task =
        type.isEmpty()
            ? headTask(config, family).or(() -> savedHeadTask(adapter, config, family))
            : tasks(family, candidate -> type.equals(candidate.peftTaskType()));
    if (task.isEmpty() && !features) {
      throw new FormatException(
          folder.resolve(PeftConfig.FILE),
          type.isEmpty()
              ? "has no task_type, and its base %s has no head.".formatted(base)
              : "has the task_type '%s', for which the %s family has no model."
                  .formatted(type, family.modelType()),
          "Name the job it belongs to by --job JOB.json; vectors (--features) need no task.");
    }
    String name = task.map(Task::name).orElseGet(() -> featureTask(folder, family));
    return job(base, name, labels(folder, config, family, name));
  }

  /**
   * The single task whose head the adapter contains, for adapters without task_type, such as those
   * for images.
   */
  private Optional<Task> savedHeadTask(
      ModelConfig adapter, ModelConfig config, ModelFamily family) {
    List<String> saved = adapter.texts("modules_to_save");
    List<Task> fitting =
        plugins.tasks().all().stream()
            .filter(task -> !isFeatures(task.name()))
            .filter(
                task ->
                    family
                        .architecture(task.name())
                        .map(name -> family.declare(config, name).heads())
                        .filter(heads -> heads.stream().anyMatch(saved::contains))
                        .isPresent())
            .toList();
    return fitting.size() == 1 ? Optional.of(fitting.getFirst()) : Optional.empty();
  }

  private Optional<Task> tasks(ModelFamily family, Predicate<Task> which) {
    return plugins.tasks().all().stream()
        .filter(task -> !isFeatures(task.name()) && family.architecture(task.name()).isPresent())
        .filter(which)
        .findFirst();
  }

  /** The adapter's base, relative to the current folder or to the adapter's. */
  private static Path base(Path folder, ModelConfig adapter) {
    String named = adapter.text(BASE_KEY, "");
    List<Path> places = new ArrayList<>();
    try {
      if (!named.isBlank()) {
        places.add(Path.of(named));
        places.add(folder.resolve(named));
      }
    } catch (InvalidPathException _) {
      // no path of this system: told below
    }
    return places.stream()
        .filter(place -> Files.isRegularFile(place.resolve(ModelConfig.FILE)))
        .findFirst()
        .orElseThrow(
            () ->
                new FormatException(
                    folder.resolve(PeftConfig.FILE),
                    "says that its base is '%s' (%s), which is no model's folder, neither from here"
                            .formatted(named, BASE_KEY)
                        + " nor from the adapter's.",
                    "Name the base's folder: --base DIR, or predictor(adapter, base) in Java; or"
                        + " the whole job, by --job JOB.json."));
  }

  /**
   * The labels of an adapter with its own head: those of the base if there are as many, else
   * numbered ones; none if the base's head is kept.
   */
  private List<String> labels(Path folder, ModelConfig config, ModelFamily family, String task) {
    if (!CLASSIFICATIONS.contains(task)) {
      return List.of();
    }
    String architecture = family.architecture(task).orElseThrow();
    List<String> heads = family.declare(config, architecture).heads();
    int outputs = outputs(folder, heads);
    if (outputs == 0 || outputs == config.numLabels()) {
      return List.of();
    }
    List<String> numbered = new ArrayList<>();
    for (int id = 0; id < outputs; id++) {
      numbered.add("LABEL_" + id);
    }
    return numbered;
  }

  /** The number of rows of the last weight of a saved head; 0 if none is saved. */
  private static int outputs(Path folder, List<String> heads) {
    if (AdapterKeys.weights(folder).isEmpty()) {
      return 0;
    }
    int outputs = 0;
    try (TensorFile file = AdapterKeys.open(folder)) {
      for (String name : file.names()) {
        boolean last =
            heads.stream()
                .anyMatch(
                    head ->
                        name.endsWith("." + head + ".weight")
                            || name.endsWith("." + head + ".out_proj.weight"));
        List<Long> shape = file.shape(name);
        if (last && shape.size() == 2 && !name.contains("pre_classifier")) {
          outputs = Math.toIntExact(Math.min(shape.getFirst(), Integer.MAX_VALUE));
        }
      }
    }
    return outputs;
  }

  private static JobSpec job(Path model, String task, List<String> labels) {
    return new JobSpec(
        ModelSpec.of(model.toString()),
        new TaskSpec(task, labels, labels.size() == 1 ? Problem.REGRESSION : null, List.of()),
        null,
        DataSpec.builder().test(NO_ROWS).build(),
        OptimizerSpec.of("adamw", 1e-4),
        ScheduleSpec.of("linear"),
        TrainingSpec.builder().build());
  }
}
