package dev.jlora.cli;

import static dev.jlora.Jlora.data;
import static dev.jlora.Jlora.finetune;
import static dev.jlora.Jlora.lora;
import static dev.jlora.Jlora.sequenceClassification;

import dev.jlora.Finetune;
import dev.jlora.engine.Engine;
import dev.jlora.engine.Merger;
import dev.jlora.engine.Predictor;
import dev.jlora.engine.evaluation.Evaluation;
import dev.jlora.engine.training.ConsoleProgress;
import dev.jlora.engine.training.Run;
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

/** A first fine-tuning with one command: sentiment classification with a small BERT. */
@Command(
    name = "quickstart",
    description = "Fine-tune a small BERT on short reviews, in about a minute.")
final class QuickstartCommand implements Callable<Integer> {
  private static final int IMDB_TRAIN = 4000;
  private static final int IMDB_TEST = 2000;
  private static final List<String> EXAMPLES =
      List.of(
          "A wonderful film, warm and funny, with great acting.",
          "Boring, badly written, and far too long. A waste of time.",
          "The story is weak, but I loved the music and would watch it again.");

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "A folder with train and test .jsonl or .jsonl.gz, such as IMDb's.")
  private @Nullable Path folder;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "runs/quickstart",
      description = "Output folder (default: ${DEFAULT-VALUE}); an earlier run in it is replaced.")
  private String output;

  @Option(
      names = "--epochs",
      paramLabel = "X",
      description = "Passes over the rows; default: 6, with --data 3.")
  private @Nullable Double epochs;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Path home = Path.of(System.getProperty("jlora.home", ""));
    Finetune job =
        finetune(home.resolve("examples/models/bert-tiny-imdb"))
            .task(sequenceClassification("negative", "positive"))
            .adapter(
                lora().rank(8).alpha(32).dropout(0.1).targets("query", "key", "value", "dense"))
            .data(folder == null ? reviews(home) : imdb(folder))
            .train(
                t ->
                    t.epochs(epochs == null ? (folder == null ? 6 : 3) : epochs)
                        .batch(folder == null ? 16 : 32)
                        .learningRate(1e-3)
                        .weightDecay(0.01)
                        .loggingSteps(25)
                        .saveTotalLimit(1)
                        .seed(seed)
                        .output(output)
                        .overwrite());
    show(job.spec(), new Engine(Plugins.load()), spec.commandLine().getOut());
    return 0;
  }

  private void show(JobSpec job, Engine engine, PrintWriter out) {
    out.println("evaluating the base model on the test rows ...");
    out.flush();
    Evaluation before = engine.evaluate(job, null);
    Run run = TrainCommand.run(job, out);
    Evaluation after = engine.evaluate(job, run.adapter());
    out.printf("%nbefore training: %s%n", ConsoleProgress.figures(before.metrics()));
    out.printf("after training:  %s%n%n", ConsoleProgress.figures(after.metrics()));
    JobSpec settled = engine.job(run.adapter());
    try (var predictor = Predictor.open(Plugins.load(), settled, run.adapter())) {
      for (String text : EXAMPLES) {
        out.println(AnswerLines.text(predictor.predict(text), text));
      }
    }
    Path merged = run.adapter().resolve("merged");
    new Merger(Plugins.load()).merge(settled, run.adapter(), merged, /* overwrite= */ true);
    out.println(
        """

        adapter  %s (PEFT reads it)
        merged   %s (a Hugging Face folder)

        Next steps:
          ./jlora predict %s "Say something about a film."
          ./jlora train --model %s --train FILE.jsonl --output runs/mine
          ./jlora shell
        docs/getting-started.md explains them.\
        """
            .formatted(run.adapter(), merged, run.adapter(), shown(Path.of(job.model().path()))));
    out.flush();
  }

  /** A path relative to the current folder. */
  private static Path shown(Path path) {
    Path here = Path.of("").toAbsolutePath();
    return path.startsWith(here) ? here.relativize(path) : path;
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
