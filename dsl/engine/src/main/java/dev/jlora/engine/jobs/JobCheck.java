package dev.jlora.engine.jobs;

import dev.jlora.data.Dataset;
import dev.jlora.data.Row;
import dev.jlora.engine.runs.RunFolder;
import dev.jlora.host.Plugins;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spi.GenerativeTask;
import dev.jlora.spi.ImageTask;
import dev.jlora.spi.Objective;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Checks all of a job before anything is loaded: the names of parts, and every row of every file.
 * Nothing is tokenized, so this costs no more than reading the files.
 *
 * @param validation the rows of evaluations during training, or null
 * @param notes remarks for the plan
 */
public record JobCheck(@Nullable Dataset validation, List<String> notes) {

  /**
   * Checks the names of plugin parts in a job, without reading a file.
   *
   * @throws dev.jlora.host.PluginException naming the nearest names, if there is no such part
   * @throws IllegalArgumentException if a best metric is named without rows to compute it on
   */
  static void names(Plugins plugins, JobSpec job) {
    plugins.tasks().get(job.task().name());
    JobParts.check(plugins, job);
    if (job.adapter() != null) {
      plugins.adapters().get(job.adapter().method());
    }
    job.task().metrics().forEach(plugins.metrics()::get);
    String best = job.training().bestMetric();
    if (best != null && !best.equals("loss")) {
      plugins.metrics().get(best);
    }
    DataSpec data = job.data();
    if (best != null && data.validation() == null) {
      throw new IllegalArgumentException(
          "training.best_metric: got '%s' without data.validation, expected rows to judge it by"
              .formatted(best));
    }
    RowFiles.requireFile("data.validation", data.validation());
    RowFiles.requireFile("data.test", data.test());
    delimiter(plugins, data);
  }

  private static void delimiter(Plugins plugins, DataSpec data) {
    if (data.delimiter() != null && !new RowFiles(plugins, data).takesDelimiter()) {
      throw new IllegalArgumentException(
          "data.delimiter: got '%s', but no file of the job is CSV; leave it out, or say data.format"
                  .formatted(data.delimiter())
              + " csv");
    }
  }

  /**
   * Checks the output folder, metrics and rows.
   *
   * @throws dev.jlora.io.FormatException naming the first row that does not fit
   * @throws IllegalArgumentException if a metric is not defined for the task
   */
  static JobCheck of(ResolvedJob work) {
    RunFolder.requireCreatable(Path.of(work.job().training().output()));
    List<String> notes = new ArrayList<>();
    if (work.train() != null) {
      rows(work, work.train(), notes);
    }
    JobRows files = JobRows.of(work);
    Dataset validation = files.validation();
    if (validation != null) {
      rows(work, validation, notes);
    }
    Dataset test = files.test();
    if (test != null) {
      rows(work, test, notes);
    }
    if (validation != null || test != null) {
      metrics(work);
    }
    return new JobCheck(validation, List.copyOf(notes));
  }

  /** Checks rows that will be evaluated, and whether the job's metrics are defined for them. */
  public static void toEvaluate(ResolvedJob work, Dataset rows) {
    metrics(work);
    rows(work, rows, new ArrayList<>());
  }

  private static void metrics(ResolvedJob work) {
    Objective objective = work.task().objective(work.config(), null);
    MetricFit.require(
        JobParts.metrics(work, objective), objective, work.task() instanceof GenerativeTask);
  }

  private static void rows(ResolvedJob work, Dataset rows, List<String> notes) {
    ColumnsSpec columns = work.job().data().columns();
    Consumer<Row> check = work.task().rowCheck(work.config(), columns);
    Row blank = null;
    int blanks = 0;
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.row(i);
      check.accept(row);
      if (!(work.task() instanceof ImageTask) && isBlank(row, columns)) {
        blank = blank == null ? row : blank;
        blanks++;
      }
    }
    if (blank != null) {
      notes.add(
          blanks == 1
              ? "%s: 1 row has a blank text (%s) and is kept, as special tokens alone"
                  .formatted(rows.name(), blank.where())
              : "%s: %,d rows have a blank text (the first is %s) and are kept, as special tokens alone"
                  .formatted(rows.name(), blanks, blank.where()));
    }
  }

  private static boolean isBlank(Row row, ColumnsSpec columns) {
    return columns.text() != null
        && row.has(columns.text())
        && isBlank(row.value(columns.text()))
        && (columns.textPair() == null
            || !row.has(columns.textPair())
            || isBlank(row.value(columns.textPair())));
  }

  private static boolean isBlank(Object value) {
    return value instanceof String text && text.isBlank();
  }
}
