package dev.jlora.cli;

import static dev.jlora.Jlora.data;
import static dev.jlora.Jlora.finetune;
import static dev.jlora.Jlora.lora;
import static dev.jlora.Jlora.sequenceClassification;

import dev.jlora.Finetune;
import dev.jlora.engine.Engine;
import dev.jlora.engine.Evaluation;
import dev.jlora.engine.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A first fine-tune from one command: a small BERT learns what a good review is. */
@Command(
    name = "quickstart",
    description = "Fine-tune a small BERT on short reviews, in about a minute.")
final class QuickstartCommand implements Callable<Integer> {
  private static final int IMDB_TRAIN = 4000;
  private static final int IMDB_TEST = 2000;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "A folder with train and test .jsonl or .jsonl.gz, such as IMDb's.")
  private @Nullable Path folder;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/quickstart",
      description = "Where the result goes (default: ${DEFAULT-VALUE}); replaced if it is there.")
  private String output;

  @Option(names = "--epochs", description = "Passes over the rows.")
  private @Nullable Double epochs;

  @Option(names = "--seed", defaultValue = "42", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Path home = Path.of(System.getProperty("jlora.home", ""));
    Finetune words =
        finetune(home.resolve("examples/models/bert-tiny-imdb"))
            .task(sequenceClassification("negative", "positive"))
            .adapter(
                lora().rank(8).alpha(32).dropout(0.1).targets("query", "key", "value", "dense"))
            .data(folder == null ? reviews(home) : imdb(folder))
            .train(
                t ->
                    t.epochs(epochs == null ? (folder == null ? 8 : 3) : epochs)
                        .batch(folder == null ? 16 : 32)
                        .learningRate(1e-3)
                        .weightDecay(0.01)
                        .loggingSteps(25)
                        .seed(seed)
                        .output(output)
                        .overwrite());
    JobSpec job = words.spec();
    Engine engine = new Engine(Plugins.load());
    Evaluation before = engine.evaluate(job, null);
    out.println("before: " + Progress.figures(before.metrics()));
    Run run = TrainCommand.run(job, out);
    Evaluation after = engine.evaluate(job, run.adapter());
    out.println("after:  " + Progress.figures(after.metrics()));
    out.flush();
    return 0;
  }

  private static DataSpec.Builder reviews(Path home) {
    Path data = home.resolve("examples/data");
    return data(data.resolve("reviews-train.jsonl").toString())
        .test(data.resolve("reviews-test.jsonl").toString())
        .maxLength(128);
  }

  private static DataSpec.Builder imdb(Path folder) {
    return data(file(folder, "train").toString())
        .limit(IMDB_TRAIN)
        .test(file(folder, "test").toString())
        .testLimit(IMDB_TEST)
        .maxLength(256);
  }

  private static Path file(Path folder, String name) {
    return List.of(name + ".jsonl", name + ".jsonl.gz").stream()
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(
            () ->
                new FormatException(
                    folder,
                    "has neither %s.jsonl nor %s.jsonl.gz.".formatted(name, name),
                    "Give a folder with both train and test rows, columns text and label."));
  }
}
