package dev.jlora.engine;

import dev.jlora.data.Dataset;
import dev.jlora.data.ReadOptions;
import dev.jlora.host.Plugins;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.ModelFolder;
import dev.jlora.model.ModelPlan;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.Nearest;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.spi.DatasetFormat;
import dev.jlora.spi.ModelFamily;
import dev.jlora.spi.Task;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a job will load and train, computed before a weight is read.
 *
 * @param model the model's folder
 * @param architecture the transformers class that will be built
 * @param labels the head's labels; empty where the task has none
 * @param adapter what gets an adapter, and the counts; without an adapter every weight is trained
 * @param weightBytes of the model as it will lie in memory
 * @param trainingBytes of trained weights (fp32), their gradients, and the optimizer's state;
 *     activations, which depend on the rows, come on top
 */
public record JobPlan(
    Path model,
    String architecture,
    List<String> labels,
    AdapterPlan adapter,
    long weightBytes,
    long trainingBytes) {
  private static final int MASTER_BYTES = 4;

  public JobPlan {
    labels = List.copyOf(labels);
  }

  /**
   * Plans a job.
   *
   * @throws RuntimeException saying what of the job does not fit the model, or is not there
   */
  public static JobPlan of(JobSpec job, Plugins plugins) {
    ModelFolder folder = ModelFolder.open(Path.of(job.model().path()));
    Task task = plugins.tasks().get(job.task().name());
    plugins.schedules().get(job.schedule().name());
    ModelLoader loader = new ModelLoader(plugins);
    ModelConfig found = folder.config();
    String named = job.model().architecture();
    String architecture = named == null ? loader.architecture(found, task) : named;
    ModelConfig config = configured(job, task, found, architecture, plugins);
    ModelFamily family = loader.family(config);
    ModelPlan model = ModelPlan.of(family.declare(config, architecture));
    AdapterPlan adapter = adapter(job, model, family, task, plugins);
    long stateBytes =
        plugins.optimizers().get(job.optimizer().name()).stateBytesPerParameter(job.optimizer());
    return new JobPlan(
        folder.path(),
        architecture,
        job.task().name().equals(TaskSpec.MASKED_LM) ? List.of() : config.labels(),
        adapter,
        model.bytes(ModelLoader.dtype(job.model().precision())),
        adapter.trainable() * (2 * MASTER_BYTES + stateBytes));
  }

  private static ModelConfig configured(
      JobSpec job, Task task, ModelConfig found, String architecture, Plugins plugins) {
    boolean keepLabels = ModelLoader.hasHead(found, architecture);
    boolean settled = keepLabels || !job.task().labels().isEmpty();
    Dataset rows = settled ? null : rows(job.data(), plugins);
    return task.configure(found, job.task(), keepLabels, rows, job.data().columns());
  }

  /** The training rows, which name the labels where nothing else does. */
  private static @Nullable Dataset rows(DataSpec data, Plugins plugins) {
    if (data.train() == null) {
      return null;
    }
    Path file = Path.of(data.train());
    int limit = data.trainLimit() == null ? ReadOptions.ALL : data.trainLimit();
    return format(data, file, plugins).read(file, new ReadOptions(data.header(), limit));
  }

  private static DatasetFormat format(DataSpec data, Path file, Plugins plugins) {
    if (data.format() != null) {
      return plugins.formats().get(data.format());
    }
    return plugins.formats().all().stream()
        .filter(format -> format.accepts(file))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s: its name fits no dataset format, expected one of %s; name it (format)"
                        .formatted(file, Nearest.list("", plugins.formats().names()))));
  }

  private static AdapterPlan adapter(
      JobSpec job, ModelPlan model, ModelFamily family, Task task, Plugins plugins) {
    AdapterSpec spec = job.adapter();
    if (spec == null) {
      return new AdapterPlan(List.of(), List.of(), model.elements(), model.elements());
    }
    String type = task.peftTaskType() == null ? "" : task.peftTaskType();
    var context =
        new AdapterContext(
            type, family.defaultTargets(), job.training().seed(), job.model().path());
    return plugins.adapters().get(spec.method()).plan(model, spec, context);
  }

  /** The plan for people, a few lines. */
  public String text() {
    return """
    model      %s as %s
    labels     %s
    adapters   on %,d modules: %s
    in full    %s
    %s
    memory     weights %s, trained weights with gradients and optimizer %s, plus activations\
    """
        .formatted(
            model,
            architecture,
            labels.isEmpty() ? "none" : String.join(", ", labels),
            adapter.targets().size(),
            shortened(adapter.targets()),
            shortened(adapter.savedModules()),
            adapter.summary(),
            mebibytes(weightBytes),
            mebibytes(trainingBytes));
  }

  private static String shortened(List<String> names) {
    if (names.isEmpty()) {
      return "none";
    }
    return names.size() == 1 ? names.getFirst() : names.getFirst() + " ... " + names.getLast();
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%,.1f MiB", bytes / (1024.0 * 1024));
  }

  @Override
  public String toString() {
    return text();
  }
}
