package dev.jlora;

import dev.jlora.engine.ConsoleProgress;
import dev.jlora.engine.Engine;
import dev.jlora.engine.Plan;
import dev.jlora.engine.Run;
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
 * A job in the making. Immutable: every word returns a new job, which may be kept, shared between
 * threads, and refined in several ways; a later word replaces what the same word said before, and
 * {@link #train} adds to it.
 */
public final class Finetune {
  private final ModelDraft model;
  private final @Nullable TaskSpec task;
  private final Part<AdapterSpec> adapter;
  private final Part<DataSpec> data;
  private final TrainingBuilder training;
  private final List<CallbackSpec> callbacks;

  /** The model as it will be given to a {@link ModelSpec}. */
  private record ModelDraft(
      String path, Precision precision, @Nullable String architecture, @Nullable String adapter) {}

  /** A part of the job: a spec, or a builder that makes it when the job is complete. */
  private record Part<T>(@Nullable Object given, Supplier<@Nullable T> spec) {
    static <T> Part<T> none() {
      return new Part<>(null, () -> null);
    }
  }

  Finetune(String model) {
    this(
        new ModelDraft(model, Precision.FP32, null, null),
        null,
        Part.none(),
        Part.none(),
        new TrainingBuilder(),
        List.of());
  }

  private Finetune(
      ModelDraft model,
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
        new ModelDraft(model.path, precision, architecture, start),
        task,
        adapter,
        data,
        training,
        callbacks);
  }

  /** The number type of the frozen weights. */
  public Finetune precision(Precision precision) {
    return model(precision, model.architecture, model.adapter);
  }

  /** Frozen weights and activations in bfloat16. */
  public Finetune bf16() {
    return precision(Precision.BF16);
  }

  /** A transformers class in place of the one that the task asks for. */
  public Finetune architecture(String name) {
    return model(model.precision, name, model.adapter);
  }

  /**
   * Trains on from the weights of a saved adapter, jlora's or PEFT's, with a new optimizer. Its
   * settings are taken over; where {@link #adapter(AdapterSpec)} says some, they have to be the
   * same, dropout aside.
   *
   * @param folder the output folder of a run, a checkpoint, or what PEFT saved
   */
  public Finetune startFrom(String folder) {
    return model(model.precision, model.architecture, folder);
  }

  /** Trains on from the weights of a saved adapter; see {@link #startFrom(String)}. */
  public Finetune startFrom(Path folder) {
    return startFrom(folder.toString());
  }

  /** The training task; required. */
  public Finetune task(TaskSpec task) {
    return new Finetune(model, task, adapter, data, training, callbacks);
  }

  /** LoRA as these words describe it. */
  public Finetune adapter(LoraSpec.Builder lora) {
    return adapter(new Part<>(lora, lora::build));
  }

  /** Without an adapter, every weight is trained. */
  public Finetune adapter(AdapterSpec adapter) {
    return adapter(new Part<>(adapter, () -> adapter));
  }

  private Finetune adapter(Part<AdapterSpec> adapter) {
    return new Finetune(model, task, adapter, data, training, callbacks);
  }

  /** The rows for training and evaluation; required. */
  public Finetune data(DataSpec.Builder data) {
    return data(new Part<>(data, data::build));
  }

  /** The rows for training and evaluation; required. */
  public Finetune data(DataSpec data) {
    return data(new Part<>(data, () -> data));
  }

  private Finetune data(Part<DataSpec> data) {
    return new Finetune(model, task, adapter, data, training, callbacks);
  }

  /**
   * How to train, on top of what an earlier {@code train} said; without it, by the defaults of the
   * specs.
   *
   * @param how gives back the steps with its words
   */
  public Finetune train(UnaryOperator<TrainingBuilder> how) {
    return new Finetune(model, task, adapter, data, how.apply(training), callbacks);
  }

  /** Callbacks that plugins bring, called in this order while the job trains. */
  public Finetune callbacks(CallbackSpec... callbacks) {
    return new Finetune(model, task, adapter, data, training, List.of(callbacks));
  }

  /**
   * The job as a record that prints as JSON.
   *
   * @throws IllegalStateException if task or data are missing
   * @throws SpecException with everything that is wrong, in the words of this class
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
      throw e.renamed(JavaWords::of);
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
   * What will be loaded, which modules get adapters, parameters and memory; no weight is read.
   *
   * @throws RuntimeException saying what of the job does not fit the model, or is not there
   */
  public Plan plan() {
    return new Engine(Plugins.load()).forecast(spec());
  }

  /**
   * Trains, and writes adapter, checkpoints and history into the output folder. The plan and the
   * progress go to standard output.
   *
   * @param callbacks look on while it trains
   * @throws RuntimeException saying what of the job does not fit, or is not there
   */
  public Run run(Callback... callbacks) {
    JobSpec job = spec();
    try (ConsoleProgress progress = ConsoleProgress.onStandardOutput()) {
      progress.show(new Engine(Plugins.load()).plan(job));
      return Running.run(
          job, Stream.concat(Stream.of(progress), Stream.of(callbacks)).toArray(Callback[]::new));
    }
  }

  /** The job as JSON, or what was said of it and what is missing or wrong. */
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
