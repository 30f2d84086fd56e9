package dev.jlora;

import dev.jlora.engine.Callback;
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
import dev.jlora.spec.Precision;
import dev.jlora.spec.TaskSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A job in the making. */
public final class Finetune {
  private final String model;
  private Precision precision = Precision.FP32;
  private @Nullable String architecture;
  private @Nullable TaskSpec task;
  private @Nullable AdapterSpec adapter;
  private @Nullable String start;
  private @Nullable DataSpec data;
  private TrainingSteps training = new TrainingSteps();
  private List<CallbackSpec> callbacks = List.of();

  Finetune(String model) {
    this.model = model;
  }

  /** The number type of the frozen weights. */
  public Finetune precision(Precision precision) {
    this.precision = precision;
    return this;
  }

  /** Frozen weights and activations in bfloat16. */
  public Finetune bf16() {
    return precision(Precision.BF16);
  }

  /** A transformers class in place of the one that the task asks for. */
  public Finetune architecture(String name) {
    this.architecture = name;
    return this;
  }

  /** What the model shall learn to say; required. */
  public Finetune task(TaskSpec task) {
    this.task = task;
    return this;
  }

  /** LoRA as these words describe it. */
  public Finetune adapter(LoraSpec.Builder lora) {
    return adapter(lora.build());
  }

  /** Without an adapter, every weight is trained. */
  public Finetune adapter(AdapterSpec adapter) {
    this.adapter = adapter;
    return this;
  }

  /**
   * Trains on from the weights of a saved adapter, jlora's or PEFT's, with a new optimizer. Its
   * settings are taken over; where {@link #adapter(AdapterSpec)} says some, they have to be the
   * same, dropout aside.
   *
   * @param folder the output folder of a run, a checkpoint, or what PEFT saved
   */
  public Finetune startFrom(String folder) {
    this.start = folder;
    return this;
  }

  /** Trains on from the weights of a saved adapter; see {@link #startFrom(String)}. */
  public Finetune startFrom(Path folder) {
    return startFrom(folder.toString());
  }

  /** The rows to learn from and to be judged by; required. */
  public Finetune data(DataSpec.Builder data) {
    return data(data.build());
  }

  /** The rows to learn from and to be judged by; required. */
  public Finetune data(DataSpec data) {
    this.data = data;
    return this;
  }

  /** How to train; without it, by the defaults of the specs. */
  public Finetune train(UnaryOperator<TrainingSteps> how) {
    this.training = how.apply(new TrainingSteps());
    return this;
  }

  /** Callbacks that plugins bring, called in this order while the job trains. */
  public Finetune callbacks(CallbackSpec... callbacks) {
    this.callbacks = List.of(callbacks);
    return this;
  }

  /**
   * The job as a record that prints as JSON.
   *
   * @throws IllegalStateException if task or data are missing
   */
  public JobSpec spec() {
    return new JobSpec(
        new ModelSpec(model, precision, architecture, start),
        given(task, "task(sequenceClassification(\"negative\", \"positive\"))"),
        adapter,
        given(data, "data(jsonl(\"train.jsonl\"))"),
        training.optimizerSpec(),
        training.scheduleSpec(),
        training.trainingSpec(),
        callbacks);
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
   * Trains, and writes adapter, checkpoints and history into the output folder.
   *
   * @param callbacks look on while it trains; without any, progress goes to standard output
   * @throws RuntimeException saying what of the job does not fit, or is not there
   */
  public Run run(Callback... callbacks) {
    if (callbacks.length > 0) {
      return Running.run(spec(), callbacks);
    }
    try (ConsoleProgress progress = ConsoleProgress.onStandardOutput()) {
      return Running.run(spec(), progress);
    }
  }

  private static <T> T given(@Nullable T part, String example) {
    if (part == null) {
      throw new IllegalStateException("the job is not complete: add ." + example);
    }
    return part;
  }

  @Override
  public String toString() {
    return spec().json();
  }
}
