package dev.jlora.cli;

import dev.jlora.engine.Engine;
import dev.jlora.engine.Predictor;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.Answer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks what a run made. */
@Command(name = "predict", description = "Ask a trained adapter about texts or images.")
final class PredictCommand implements Callable<Integer> {
  /** How the vectors of a text's tokens become one. */
  enum Pooling {
    MEAN(TaskSpec.FEATURE_EXTRACTION),
    CLS(TaskSpec.FEATURE_EXTRACTION_CLS);

    private final String task;

    Pooling(String task) {
      this.task = task;
    }
  }

  @Mixin private TrainedSource trained = new TrainedSource();

  @Parameters(
      index = "1..*",
      paramLabel = "TEXT",
      description = "Texts, each in quotes, or paths of images.")
  private List<String> texts = List.of();

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "A file with one text, or path of an image, a line.")
  private @Nullable Path input;

  @Option(names = "--json", description = "Print a JSON array with all scores.")
  private boolean json;

  @Option(
      names = "--features",
      paramLabel = "mean|cls",
      description =
          "Print a vector for each text as JSON, in place of an answer: the mean of its tokens, or"
              + " the first one.")
  private @Nullable Pooling features;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    List<String> all = new ArrayList<>(texts);
    if (input != null) {
      Json.text(input).lines().forEach(all::add);
    }
    if (all.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "got no text, expected TEXT after RUN, or --input FILE");
    }
    Plugins plugins = Plugins.load();
    PrintWriter out = spec.commandLine().getOut();
    JobSpec job = trained.job(new Engine(plugins));
    try (var predictor =
        features == null
            ? Predictor.open(plugins, job, trained.folder)
            : Predictor.openFeatures(plugins, job, features.task, trained.folder)) {
      List<Answer> answers = predictor.predict(all);
      if (features != null) {
        for (Answer answer : answers) {
          out.println(Json.mapper().valueToTree(answer.vector()).toString()); // one array a line
        }
      } else if (json) {
        out.print(Json.pretty(answers));
      } else {
        for (int i = 0; i < answers.size(); i++) {
          out.println(line(answers.get(i), all.get(i)));
        }
      }
    }
    out.flush();
    return 0;
  }

  /** {@code positive 0.93 A fine film.} */
  static String line(Answer answer, String text) {
    return String.format(Locale.ROOT, "%-12s %.3f  %s", answer.label(), answer.score(), text);
  }
}
