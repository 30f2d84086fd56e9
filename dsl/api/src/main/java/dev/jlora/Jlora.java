package dev.jlora;

import dev.jlora.engine.Engine;
import dev.jlora.engine.Merger;
import dev.jlora.engine.Predictor;
import dev.jlora.engine.TextGenerator;
import dev.jlora.engine.adapters.AdapterInfo;
import dev.jlora.engine.adapters.MergedModel;
import dev.jlora.engine.evaluation.Evaluation;
import dev.jlora.host.Plugins;
import dev.jlora.io.JobFile;
import dev.jlora.spec.CallbackSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.TaskSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Entry point of the Java API. One import serves a program, a script and jshell:
 *
 * <pre>{@code
 * import static dev.jlora.Jlora.*;
 * finetune("examples/models/bert-tiny-imdb")
 *     .task(sequenceClassification("negative", "positive"))
 *     .adapter(lora().rank(8).alpha(32).dropout(0.1).targets("query", "key", "value", "dense"))
 *     .data(jsonl("train.jsonl").test("test.jsonl").text("text").label("label").maxLength(256))
 *     .train(t -> t.epochs(3).batch(32).learningRate(1e-3))
 *     .run();
 * }</pre>
 *
 * <p>Builders only collect settings; building the records validates them. Nothing is read or run
 * until {@link Finetune#plan()} or {@link Finetune#run}.
 */
public final class Jlora {
  private Jlora() {}

  /** Starts a job on the model in a folder. */
  public static Finetune finetune(String model) {
    return new Finetune(model);
  }

  /** Starts a job on the model in a folder. */
  public static Finetune finetune(Path model) {
    return finetune(model.toString());
  }

  /**
   * Reads a job from a JSON file, with the adapter methods of all plugins.
   *
   * @throws dev.jlora.io.FormatException naming the file, with the line if it is not valid JSON or
   *     with every invalid key
   */
  public static JobSpec job(Path file) {
    return JobFile.read(file, Plugins.load().specTypes());
  }

  /**
   * Reads a job from JSON, with the adapter methods of all plugins.
   *
   * @throws dev.jlora.spec.SpecException listing all problems
   */
  public static JobSpec job(String json) {
    return JobSpec.parse(json, Plugins.load().specTypes());
  }

  /** Sequence classification: one label for each text, or text pair. */
  public static TaskSpec sequenceClassification(String... labels) {
    return TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, labels);
  }

  /** Multi-label classification: any number of labels for each text. */
  public static TaskSpec multiLabelClassification(String... labels) {
    return sequenceClassification(labels).withProblem(TaskSpec.Problem.MULTI_LABEL_CLASSIFICATION);
  }

  /** Regression: a number for each text. */
  public static TaskSpec regression() {
    return TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION).withProblem(TaskSpec.Problem.REGRESSION);
  }

  /** Token classification: one label for each word. */
  public static TaskSpec tokenClassification(String... labels) {
    return TaskSpec.of(TaskSpec.TOKEN_CLASSIFICATION, labels);
  }

  /** Masked language modelling. */
  public static TaskSpec maskedLm() {
    return TaskSpec.of(TaskSpec.MASKED_LM);
  }

  /** Causal language modelling: continues a text or a prompt. */
  public static TaskSpec causalLm() {
    return TaskSpec.of(TaskSpec.CAUSAL_LM);
  }

  /** Extractive question answering: finds the answer to a question in a context. */
  public static TaskSpec questionAnswering() {
    return TaskSpec.of(TaskSpec.QUESTION_ANSWERING);
  }

  /** Image classification: one label for each image. */
  public static TaskSpec imageClassification(String... labels) {
    return TaskSpec.of(TaskSpec.IMAGE_CLASSIFICATION, labels);
  }

  /** LoRA with PEFT's defaults. */
  public static LoraSpec.Builder lora() {
    return LoraSpec.builder();
  }

  /** A callback of a plugin. */
  public static CallbackSpec callback(String name) {
    return CallbackSpec.of(name);
  }

  /** A callback of a plugin with parameters, by their JSON keys. */
  public static CallbackSpec callback(String name, Map<String, ?> parameters) {
    return CallbackSpec.of(name).withParameters(parameters);
  }

  /** Rows of a file whose name determines the format. */
  public static DataSpec.Builder data(String trainFile) {
    return DataSpec.builder().train(trainFile);
  }

  /** Rows as one JSON object per line, plain or gzipped. */
  public static DataSpec.Builder jsonl(String trainFile) {
    return data(trainFile).format("jsonl");
  }

  /** A folder with one subfolder of images per class; it may be in a zip. */
  public static DataSpec.Builder imageFolder(String trainFolder) {
    return data(trainFolder).format("imagefolder");
  }

  /** Comma-separated values as in RFC 4180; the first line is the header. */
  public static DataSpec.Builder csv(String trainFile) {
    return data(trainFile).format("csv");
  }

  /** Tab-separated values without quoting; the first line is the header. */
  public static DataSpec.Builder tsv(String trainFile) {
    return data(trainFile).format("tsv");
  }

  /**
   * Opens a trained model for predictions on texts or images. Close it after use: it owns the
   * network.
   *
   * <p>Further adapters for the same base are attached to it, selected by call or by text, replaced
   * and renamed while other threads predict: {@link Predictor#attach}, {@link Predictor#adapters},
   * {@link Predictor#predict(List, dev.jlora.model.runtime.AdapterSelection)}.
   *
   * @param folder the output folder of a run, one of its checkpoints, a Hugging Face folder with a
   *     head (merged or not), or an adapter whose {@code adapter_config.json} names its base
   * @throws RuntimeException naming a missing or invalid file
   */
  public static Predictor predictor(Path folder) {
    Plugins plugins = Plugins.load();
    return Predictor.open(plugins, new Engine(plugins).job(folder), folder);
  }

  /** Opens a trained model; see {@link #predictor(Path)}. */
  public static Predictor predictor(String folder) {
    return predictor(Path.of(folder));
  }

  /**
   * Opens an adapter on a base model, for instance if that was moved.
   *
   * @param adapter the output folder of a run, or an adapter saved by PEFT
   * @param base the folder of its base model
   */
  public static Predictor predictor(Path adapter, Path base) {
    Plugins plugins = Plugins.load();
    return Predictor.open(plugins, new Engine(plugins).job(adapter, base), adapter);
  }

  /** Opens an adapter on a base model; see {@link #predictor(Path, Path)}. */
  public static Predictor predictor(String adapter, String base) {
    return predictor(Path.of(adapter), Path.of(base));
  }

  /**
   * Opens a model for feature extraction: the mean of a text's tokens, or of an image's patches.
   * Close it after use.
   *
   * @param folder as for {@link #predictor(Path)}; the model needs no head
   */
  public static Predictor features(Path folder) {
    return features(folder, TaskSpec.FEATURE_EXTRACTION);
  }

  /** Opens a model for feature extraction; see {@link #features(Path)}. */
  public static Predictor features(String folder) {
    return features(Path.of(folder));
  }

  /**
   * Opens a model for feature extraction.
   *
   * @param kind {@link TaskSpec#FEATURE_EXTRACTION}, {@link TaskSpec#FEATURE_EXTRACTION_CLS} or
   *     {@link TaskSpec#FEATURE_EXTRACTION_LAST}
   */
  public static Predictor features(Path folder, String kind) {
    Plugins plugins = Plugins.load();
    return Predictor.openFeatures(
        plugins, new Engine(plugins).jobForFeatures(folder, null), kind, folder);
  }

  /**
   * Opens a language model for text generation. Close it after use.
   *
   * @param folder as for {@link #predictor(Path)}
   */
  public static TextGenerator generator(Path folder) {
    return TextGenerator.open(Plugins.load(), folder);
  }

  /** Opens a language model for text generation; see {@link #generator(Path)}. */
  public static TextGenerator generator(String folder) {
    return generator(Path.of(folder));
  }

  /**
   * Evaluates a trained model on labelled rows.
   *
   * @param folder as for {@link #predictor(Path)}
   * @param rows a file of rows with the columns of the job, or with usual names (text, label, ...)
   */
  public static Evaluation evaluate(Path folder, Path rows) {
    Engine engine = new Engine(Plugins.load());
    JobSpec job = engine.job(folder);
    return engine.evaluate(
        job.withData(job.data().toBuilder().test(rows.toString()).build()), folder);
  }

  /** Evaluates a trained model; see {@link #evaluate(Path, Path)}. */
  public static Evaluation evaluate(String folder, String rows) {
    return evaluate(Path.of(folder), Path.of(rows));
  }

  /**
   * Merges the adapter of a run into its base model and writes a Hugging Face folder.
   *
   * @param run the output folder of a run
   * @param target the folder to write; it must not contain a model
   * @return the folder, and a certificate of what the merge changed
   * @throws RuntimeException naming a missing, invalid or conflicting file
   */
  public static MergedModel merge(Path run, Path target) {
    Plugins plugins = Plugins.load();
    return new Merger(plugins)
        .merge(new Engine(plugins).job(run), run, target, /* overwrite= */ false);
  }

  /**
   * Merges an adapter into a base model, for instance if that was moved.
   *
   * @param base the folder of the adapter's base model
   * @return the folder, and a certificate of what the merge changed
   */
  public static MergedModel merge(Path run, Path target, Path base) {
    Plugins plugins = Plugins.load();
    return new Merger(plugins)
        .merge(new Engine(plugins).job(run, base), run, target, /* overwrite= */ false);
  }

  /**
   * The adapters in a folder and below it: an adapter, a run with its checkpoints, or a folder of
   * such. Only headers are read.
   *
   * @throws RuntimeException if there are none
   */
  public static List<AdapterInfo> adapters(Path folder) {
    return AdapterInfo.below(Plugins.load(), folder);
  }

  /** The adapters in a folder and below it; see {@link #adapters(Path)}. */
  public static List<AdapterInfo> adapters(String folder) {
    return adapters(Path.of(folder));
  }

  /** Starts a combination of adapters with the first one and its weight, which may be negative. */
  public static Combine combine(Path adapter, double weight) {
    return Combine.of(adapter, weight);
  }

  /** Starts a combination of adapters; see {@link #combine(Path, double)}. */
  public static Combine combine(String adapter, double weight) {
    return combine(Path.of(adapter), weight);
  }

  /** Starts the extraction of an adapter from a fine-tuned model. */
  public static Extract extract(Path base, Path tuned) {
    return Extract.of(base, tuned);
  }

  /** Starts the extraction of an adapter; see {@link #extract(Path, Path)}. */
  public static Extract extract(String base, String tuned) {
    return extract(Path.of(base), Path.of(tuned));
  }

  /** Merges an adapter into a base model; see {@link #merge(Path, Path, Path)}. */
  public static MergedModel merge(String run, String target, String base) {
    return merge(Path.of(run), Path.of(target), Path.of(base));
  }

  /** Merges the adapter of a run into its base model; see {@link #merge(Path, Path)}. */
  public static MergedModel merge(String run, String target) {
    return merge(Path.of(run), Path.of(target));
  }
}
