package dev.jlora;

import dev.jlora.engine.Engine;
import dev.jlora.engine.Evaluation;
import dev.jlora.engine.Merger;
import dev.jlora.engine.Predictor;
import dev.jlora.engine.TextGenerator;
import dev.jlora.host.Plugins;
import dev.jlora.io.JobFile;
import dev.jlora.spec.CallbackSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.TaskSpec;
import java.nio.file.Path;
import java.util.Map;

/**
 * The words a job is written with. One import serves a program, a script and jshell:
 *
 * <pre>{@code
 * import static dev.jlora.Jlora.*;
 *
 * finetune("examples/models/bert-tiny-imdb")
 *     .task(sequenceClassification("negative", "positive"))
 *     .adapter(lora().rank(8).alpha(32).dropout(0.1).targets("query", "key", "value", "dense"))
 *     .data(jsonl("train.jsonl").test("test.jsonl").text("text").label("label").maxLength(256))
 *     .train(t -> t.epochs(3).batch(32).learningRate(1e-3))
 *     .run();
 * }</pre>
 *
 * <p>Words only collect: the records they become check everything, and nothing is read or run until
 * {@link Finetune#plan()} or {@link Finetune#run}.
 */
public final class Jlora {
  private Jlora() {}

  /** Starts a job on the model in this folder. */
  public static Finetune finetune(String model) {
    return new Finetune(model);
  }

  /** Starts a job on the model in this folder. */
  public static Finetune finetune(Path model) {
    return finetune(model.toString());
  }

  /**
   * A job that a file holds as JSON, with the adapter methods of all plugins.
   *
   * @throws dev.jlora.io.FormatException naming the file, with the line where it is not JSON or
   *     with every key that is wrong
   */
  public static JobSpec job(Path file) {
    return JobFile.read(file, Plugins.load().specTypes());
  }

  /**
   * A job that was written as JSON, with the adapter methods of all plugins.
   *
   * @throws dev.jlora.spec.SpecException with everything that is wrong
   */
  public static JobSpec job(String json) {
    return JobSpec.parse(json, Plugins.load().specTypes());
  }

  /** One label for each text, or text pair. */
  public static TaskSpec sequenceClassification(String... labels) {
    return TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, labels);
  }

  /** Any number of labels for each text. */
  public static TaskSpec multiLabelClassification(String... labels) {
    return sequenceClassification(labels).withProblem(TaskSpec.Problem.MULTI_LABEL_CLASSIFICATION);
  }

  /** A number for each text. */
  public static TaskSpec regression() {
    return TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION).withProblem(TaskSpec.Problem.REGRESSION);
  }

  /** One label for each word. */
  public static TaskSpec tokenClassification(String... labels) {
    return TaskSpec.of(TaskSpec.TOKEN_CLASSIFICATION, labels);
  }

  /** Guessing hidden words. */
  public static TaskSpec maskedLm() {
    return TaskSpec.of(TaskSpec.MASKED_LM);
  }

  /** Going on with a text, or with a prompt. */
  public static TaskSpec causalLm() {
    return TaskSpec.of(TaskSpec.CAUSAL_LM);
  }

  /** Finding the answer to a question in a context. */
  public static TaskSpec questionAnswering() {
    return TaskSpec.of(TaskSpec.QUESTION_ANSWERING);
  }

  /** One label for each image. */
  public static TaskSpec imageClassification(String... labels) {
    return TaskSpec.of(TaskSpec.IMAGE_CLASSIFICATION, labels);
  }

  /** LoRA, from PEFT's defaults. */
  public static LoraSpec.Builder lora() {
    return LoraSpec.builder();
  }

  /** A callback that a plugin brings. */
  public static CallbackSpec callback(String name) {
    return CallbackSpec.of(name);
  }

  /** The same with parameters of its own by their keys in JSON. */
  public static CallbackSpec callback(String name, Map<String, ?> parameters) {
    return CallbackSpec.of(name).withParameters(parameters);
  }

  /** Rows of a file whose format is told by its name. */
  public static DataSpec.Builder data(String trainFile) {
    return DataSpec.builder().train(trainFile);
  }

  /** One JSON object a line, plain or gzipped. */
  public static DataSpec.Builder jsonl(String trainFile) {
    return data(trainFile).format("jsonl");
  }

  /** A folder with a folder of images for each class, which may lie in a zip. */
  public static DataSpec.Builder imageFolder(String trainFolder) {
    return data(trainFolder).format("imagefolder");
  }

  /** Comma-separated values as in RFC 4180; the first line names the columns. */
  public static DataSpec.Builder csv(String trainFile) {
    return data(trainFile).format("csv");
  }

  /** Values separated by tabs, taken as they are; the first line names the columns. */
  public static DataSpec.Builder tsv(String trainFile) {
    return data(trainFile).format("tsv");
  }

  /**
   * Opens a trained model, to ask it about texts or images. Close it after use: it owns the
   * network.
   *
   * @param folder the output folder of a run, one of its checkpoints, a Hugging Face folder with a
   *     head (merged or not), or an adapter whose {@code adapter_config.json} names its base
   * @throws RuntimeException naming the file that is missing or wrong
   */
  public static Predictor predictor(Path folder) {
    Plugins plugins = Plugins.load();
    return Predictor.open(plugins, new Engine(plugins).job(folder), folder);
  }

  /** Opens a trained model by the name of its folder; see {@link #predictor(Path)}. */
  public static Predictor predictor(String folder) {
    return predictor(Path.of(folder));
  }

  /**
   * Opens an adapter on a base, wherever that lies now.
   *
   * @param adapter the output folder of a run, or an adapter that PEFT saved
   * @param base the folder of the model it belongs to
   */
  public static Predictor predictor(Path adapter, Path base) {
    Plugins plugins = Plugins.load();
    return Predictor.open(plugins, new Engine(plugins).job(adapter, base), adapter);
  }

  /** Opens an adapter on a base by the names of their folders. */
  public static Predictor predictor(String adapter, String base) {
    return predictor(Path.of(adapter), Path.of(base));
  }

  /**
   * Opens a model for the vectors inside it: the mean of a text's tokens, or of an image's patches.
   * Close it after use.
   *
   * @param folder as {@link #predictor(Path)} takes it; a model without a head will do
   */
  public static Predictor features(Path folder) {
    return features(folder, TaskSpec.FEATURE_EXTRACTION);
  }

  /** Opens a model for its vectors by the name of its folder. */
  public static Predictor features(String folder) {
    return features(Path.of(folder));
  }

  /**
   * Opens a model for the vectors inside it.
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
   * Opens a language model, to have it write texts. Close it after use.
   *
   * @param folder as {@link #predictor(Path)} takes it
   */
  public static TextGenerator generator(Path folder) {
    return TextGenerator.open(Plugins.load(), folder);
  }

  /** Opens a language model by the name of its folder. */
  public static TextGenerator generator(String folder) {
    return generator(Path.of(folder));
  }

  /**
   * Evaluates a trained model on labelled rows.
   *
   * @param folder as {@link #predictor(Path)} takes it
   * @param rows a file of rows with the columns of the job, or with usual names (text, label, ...)
   */
  public static Evaluation evaluate(Path folder, Path rows) {
    Engine engine = new Engine(Plugins.load());
    JobSpec job = engine.job(folder);
    return engine.evaluate(
        job.withData(job.data().toBuilder().test(rows.toString()).build()), folder);
  }

  /** Evaluates a trained model by the names of its folder and of the file. */
  public static Evaluation evaluate(String folder, String rows) {
    return evaluate(Path.of(folder), Path.of(rows));
  }

  /**
   * Merges what a run trained into its model and writes a Hugging Face folder.
   *
   * @param run the output folder of a run
   * @param target the folder to write; it must not hold a model yet
   * @return {@code target}
   * @throws RuntimeException naming the file that is missing, wrong, or in the way
   */
  public static Path merge(Path run, Path target) {
    Plugins plugins = Plugins.load();
    return new Merger(plugins)
        .merge(new Engine(plugins).job(run), run, target, /* overwrite= */ false);
  }

  /**
   * Merges an adapter into its base, wherever that lies now.
   *
   * @param base the folder of the model that the adapter belongs to
   * @return {@code target}
   */
  public static Path merge(Path run, Path target, Path base) {
    Plugins plugins = Plugins.load();
    return new Merger(plugins)
        .merge(new Engine(plugins).job(run, base), run, target, /* overwrite= */ false);
  }

  /** Merges an adapter into its base by the names of the folders. */
  public static Path merge(String run, String target, String base) {
    return merge(Path.of(run), Path.of(target), Path.of(base));
  }

  /** The same by the names of the folders. */
  public static Path merge(String run, String target) {
    return merge(Path.of(run), Path.of(target));
  }
}
