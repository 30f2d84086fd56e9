package dev.jlora.cli;

import dev.jlora.data.Dataset;
import dev.jlora.engine.Predictor;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.Answer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Predicts with a trained model. */
@JobOptions.For(JobOption.Use.PREDICT)
@Command(
    name = "predict",
    sortOptions = false,
    description = "Predict for texts, images or rows with a trained adapter or a model.")
final class PredictCommand implements Callable<Integer> {
  /** Number of rows predicted before their lines are written. */
  private static final int CHUNK = 256;

  /** How the vectors of a text's tokens, or an image's patches, become one. */
  enum Pooling {
    MEAN(TaskSpec.FEATURE_EXTRACTION),
    CLS(TaskSpec.FEATURE_EXTRACTION_CLS),
    LAST(TaskSpec.FEATURE_EXTRACTION_LAST);

    private final String task;

    Pooling(String task) {
      this.task = task;
    }
  }

  @Mixin private TrainedSource.OnBase trained = new TrainedSource.OnBase();

  @Parameters(
      index = "1..*",
      paramLabel = "TEXT",
      description = "Texts, each in quotes, or image paths; - for lines of standard input.")
  private List<String> texts = List.of();

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "A file with one text or image path per line; - for standard input.")
  private @Nullable Path input;

  @Option(
      names = "--rows",
      paramLabel = "FILE",
      description =
          "A file of rows with the columns of the job (jsonl, csv, tsv), such as pairs, or"
              + " questions and contexts; prints a line of JSON for each, with the row. - is"
              + " standard input, with --format.")
  private @Nullable Path rows;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      description =
          "The format of --rows: jsonl, csv, tsv; by default from its name, else the job's.")
  private @Nullable String format;

  @Option(
      names = "--json",
      description = "Print all predictions, with all scores, as one JSON array.")
  private boolean json;

  @Option(
      names = "--features",
      paramLabel = "mean|cls|last",
      description =
          "Print a vector for each input as JSON instead of a prediction: the mean of its tokens,"
              + " the first one, or the last one.")
  private @Nullable Pooling features;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    List<String> all = texts();
    if (all.isEmpty() == (rows == null)) {
      throw new ParameterException(
          spec.commandLine(),
          rows == null
              ? "got no text, expected TEXT after RUN, or --input FILE, or --rows FILE"
              : "got texts and --rows, expected one of them");
    }
    Plugins plugins = Plugins.load();
    Map<String, @Nullable Object> typed = JobOptions.typed(spec);
    trained.features = features != null;
    JobSpec job = trained.job(plugins, typed);
    if (features == null && job.task().name().equals(TaskSpec.CAUSAL_LM)) {
      spec.commandLine()
          .getErr()
          .println("jlora: predict returns only the next token; generate writes a whole text");
    }
    try (var predictor =
        features == null
            ? Predictor.open(plugins, job, trained.folder)
            : Predictor.openFeatures(plugins, job, features.task, trained.folder)) {
      if (rows != null) {
        answerRows(predictor, predictor.rows(rows, format), job.data().columns());
      } else {
        answerTexts(predictor, all);
      }
    }
    return 0;
  }

  private List<String> texts() {
    List<String> all = new ArrayList<>(StandardInput.lines(texts));
    if (input != null) {
      all.addAll(StandardInput.lines(input));
    }
    return all;
  }

  private void answerTexts(Predictor predictor, List<String> all) {
    PrintWriter out = spec.commandLine().getOut();
    List<Answer> answers = predictor.predict(all);
    if (answers.stream().noneMatch(answer -> answer.vector().isEmpty())) {
      JsonLines lines = new JsonLines(out, json);
      answers.forEach(answer -> lines.add(AnswerLines.json(answer)));
      lines.end();
    } else if (json) {
      out.print(Json.pretty(answers));
    } else {
      for (int i = 0; i < answers.size(); i++) {
        out.println(AnswerLines.text(answers.get(i), all.get(i)));
      }
    }
    out.flush();
  }

  private void answerRows(Predictor predictor, Dataset all, ColumnsSpec columns) {
    PrintWriter out = spec.commandLine().getOut();
    JsonLines lines = new JsonLines(out, json);
    for (int from = 0; from < all.size(); from += CHUNK) {
      Dataset some = all.slice(from, Math.min(from + CHUNK, all.size()));
      List<Answer> answers = predictor.predict(some);
      for (int i = 0; i < answers.size(); i++) {
        lines.add(AnswerLines.json(answers.get(i), some.row(i), columns));
      }
      out.flush();
    }
    lines.end();
    out.flush();
  }
}
