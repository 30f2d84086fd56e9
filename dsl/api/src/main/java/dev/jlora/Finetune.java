package dev.jlora;

import dev.jlora.engine.Engine;
import dev.jlora.engine.jobs.JobPlan;
import dev.jlora.engine.jobs.Plan;
import dev.jlora.engine.training.ConsoleProgress;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.CallbackSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.Problems;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.SpecException;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.spi.Callback;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A job under construction. Immutable: every method returns a new job, which may be kept, shared
 * between threads, and refined in several ways. A later call replaces an earlier one of the same
 * method, except {@link #train}, which adds to it.
 */
public final class Finetune {
  private final ModelSettings model;
  private final @Nullable TaskSpec task;
  private final Part<AdapterSpec> adapter;
  private final Part<DataSpec> data;
  private final TrainingBuilder training;
  private final List<CallbackSpec> callbacks;

  /** The settings of a {@link ModelSpec}. */
  private record ModelSettings(
      String path, Precision precision, @Nullable String architecture, @Nullable String adapter) {}

  /** A section of the job: a spec, or a builder that is built when the job is complete. */
  private record Part<T>(@Nullable Object given, Supplier<@Nullable T> spec) {
    static <T> Part<T> none() {
      return new Part<>(null, () -> null);
    }
  }

  Finetune(String model) {
    this(
        new ModelSettings(model, Precision.FP32, null, null),
        null,
        Part.none(),
        Part.none(),
        new TrainingBuilder(),
        List.of());
  }

  private Finetune(
      ModelSettings model,
      @Nullable TaskSpec task,
      Part<AdapterSpec> adapter,
      Part<DataSpec> data,
      TrainingBuilder training,
      List<CallbackSpec> callbacks) {
    this.model = model;
    this.task = task;
    this.adapter = adapter;
    this.data = data;
    this.training = training;
    this.callbacks = callbacks;
  }

  private Finetune model(
      Precision precision, @Nullable String architecture, @Nullable String start) {
    return new Finetune(
        new ModelSettings(model.path, precision, architecture, start),
        task,
        adapter,
        data,
        training,
        callbacks);
  }

  /** Sets the number type of the frozen weights and the activations. */
  public Finetune precision(Precision precision) {
    return model(precision, model.architecture, model.adapter);
  }

  /** Sets frozen weights and activations to bfloat16. */
  public Finetune bf16() {
    return precision(Precision.BF16);
  }

  /** Sets a transformers class instead of the task's default. */
  public Finetune architecture(String name) {
    return model(model.precision, name, model.adapter);
  }

  /**
   * Starts from the weights of a saved adapter, jlora's or PEFT's, with a new optimizer. The
   * adapter's settings are taken over; settings of {@link #adapter(AdapterSpec)} must agree with
   * them, except dropout.
   *
   * @param folder the output folder of a run, a checkpoint, or an adapter saved by PEFT
   */
  public Finetune startFrom(String folder) {
    return model(model.precision, model.architecture, folder);
  }

  /** Starts from the weights of a saved adapter; see {@link #startFrom(String)}. */
  public Finetune startFrom(Path folder) {
    return startFrom(folder.toString());
  }

  /** Sets the training task; required. */
  public Finetune task(TaskSpec task) {
    return new Finetune(model, task, adapter, data, training, callbacks);
  }

  /** Sets LoRA as the adapter. */
  public Finetune adapter(LoraSpec.Builder lora) {
    return adapter(new Part<>(lora, lora::build));
  }

  /** Sets the adapter. Without an adapter, all weights are trained. */
  public Finetune adapter(AdapterSpec adapter) {
    return adapter(new Part<>(adapter, () -> adapter));
  }

  private Finetune adapter(Part<AdapterSpec> adapter) {
    return new Finetune(model, task, adapter, data, training, callbacks);
  }

  /** Sets the rows for training and evaluation; required. */
  public Finetune data(DataSpec.Builder data) {
    return data(new Part<>(data, data::build));
  }

  /** Sets the rows for training and evaluation; required. */
  public Finetune data(DataSpec data) {
    return data(new Part<>(data, () -> data));
  }

  private Finetune data(Part<DataSpec> data) {
    return new Finetune(model, task, adapter, data, training, callbacks);
  }

  /**
   * Sets training options, in addition to those of earlier calls of {@code train}. Others have the
   * defaults of the specs.
   *
   * @param how returns the builder with its options
   */
  public Finetune train(UnaryOperator<TrainingBuilder> how) {
    return new Finetune(model, task, adapter, data, how.apply(training), callbacks);
  }

  /** Sets callbacks of plugins, called in this order during training. */
  public Finetune callbacks(CallbackSpec... callbacks) {
    return new Finetune(model, task, adapter, data, training, List.of(callbacks));
  }

  /**
   * The job as a record that prints as JSON.
   *
   * @throws IllegalStateException if task or data are missing
   * @throws SpecException listing all problems, in terms of this class
   */
  public JobSpec spec() {
    List<String> missing = missing();
    Problems problems = Problems.in("job");
    ModelSpec modelSpec =
        problems.collect(
            () -> new ModelSpec(model.path, model.precision, model.architecture, model.adapter));
    AdapterSpec adapterSpec = problems.collect(adapter.spec);
    DataSpec dataSpec = problems.collect(data.spec);
    OptimizerSpec optimizer = problems.collect(training::optimizerSpec);
    ScheduleSpec schedule = problems.collect(training::scheduleSpec);
    TrainingSpec trainingSpec = problems.collect(training::trainingSpec);
    try {
      problems.throwIfAny();
    } catch (SpecException e) {
      throw e.renamed(JavaNames::of);
    }
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "the job is not complete: add " + String.join(" and ", missing));
    }
    return new JobSpec(
        modelSpec, task, adapterSpec, dataSpec, optimizer, schedule, trainingSpec, callbacks);
  }

  private List<String> missing() {
    List<String> missing = new ArrayList<>();
    if (task == null) {
      missing.add(".task(sequenceClassification(\"negative\", \"positive\"))");
    }
    if (data.given == null) {
      missing.add(".data(jsonl(\"train.jsonl\"))");
    }
    return missing;
  }

  /**
   * Computes what will be loaded, which modules get adapters, the number of parameters and the
   * memory, without reading weights.
   *
   * @throws RuntimeException if the job does not fit the model, or a file does not exist
   */
  public Plan plan() {
    return new Engine(Plugins.load()).forecast(spec());
  }

  /**
   * Trains, and writes adapter, checkpoints and history to the output folder. The plan and the
   * progress are printed to standard output.
   *
   * @param callbacks observe the training
   * @throws RuntimeException if the job does not fit the model, or a file does not exist
   */
  public Run run(Callback... callbacks) {
    Engine engine = new Engine(Plugins.load());
    JobPlan plan = engine.prepare(spec());
    try (ConsoleProgress progress = ConsoleProgress.onStandardOutput()) {
      progress.show(plan.summary());
      return Running.run(
          engine,
          plan,
          Stream.concat(Stream.of(progress), Stream.of(callbacks)).toArray(Callback[]::new));
    }
  }

  /** The job as JSON, or the given settings and what is missing or invalid. */
  @Override
  public String toString() {
    try {
      return spec().json();
    } catch (SpecException | IllegalStateException e) {
      StringBuilder text = new StringBuilder("finetune(\"" + model.path + "\")");
      Stream.of(task, adapter.given, data.given)
          .filter(Objects::nonNull)
          .forEach(part -> text.append("\n").append(part));
      return text.append("\n").append(e.getMessage()).toString();
    }
  }
}
