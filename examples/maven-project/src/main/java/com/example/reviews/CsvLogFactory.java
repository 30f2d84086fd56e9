package com.example.reviews;

import dev.jlora.spec.CallbackSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.Spec;
import dev.jlora.spi.Callback;
import dev.jlora.spi.CallbackFactory;
import dev.jlora.spi.TrainerState;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * {@code "callbacks": [{"name": "csv-log", "file": "losses.csv"}]}: writes evaluations to a CSV
 * file.
 */
final class CsvLogFactory implements CallbackFactory {

  /**
   * The callback's parameters.
   *
   * @param file name of the CSV file in the output folder
   */
  record Parameters(String file) implements Spec {
    static Parameters defaults() {
      return new Parameters("log.csv");
    }
  }

  @Override
  public Class<? extends Spec> parametersType() {
    return Parameters.class;
  }

  @Override
  public Callback create(CallbackSpec spec, JobSpec job) {
    Path file =
        Path.of(job.training().output()).resolve(spec.parametersAs(Parameters.class).file());
    return new CsvLog(file);
  }

  /** Writes the file; jlora closes it when the run ends, for whatever reason. */
  private static final class CsvLog implements Callback, AutoCloseable {
    private final Path file;
    private PrintWriter out;

    CsvLog(Path file) {
      this.file = file;
    }

    @Override
    public void onTrainBegin(TrainerState state) {
      try {
        out = new PrintWriter(Files.newBufferedWriter(file));
        out.println("step,eval_loss");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void onEvaluate(TrainerState state, Map<String, Double> values) {
      out.printf("%d,%s%n", state.globalStep(), values.get("eval_loss"));
    }

    @Override
    public void close() {
      if (out != null) {
        out.close();
      }
    }
  }
}
