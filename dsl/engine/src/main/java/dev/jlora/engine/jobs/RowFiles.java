package dev.jlora.engine.jobs;

import dev.jlora.data.Dataset;
import dev.jlora.data.ReadOptions;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.Nearest;
import dev.jlora.spi.DatasetFormat;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The data files of a job, each read in its own format. */
public final class RowFiles {
  /** Standard input instead of a file. */
  public static final String STANDARD_INPUT = "-";

  private final Plugins plugins;
  private final DataSpec data;

  public RowFiles(Plugins plugins, DataSpec data) {
    this.plugins = plugins;
    this.data = data;
  }

  /** The training rows, unchanged; null if the job has none. */
  @Nullable Dataset train() {
    requireFile("data.train", data.train());
    return read(data.train(), "data.format", null, data.trainLimit());
  }

  /** The rows of evaluations during training; null if the job has none. */
  @Nullable Dataset validation() {
    return read(
        data.validation(),
        "data.validation_format",
        data.validationFormat(),
        data.validationLimit());
  }

  /** The rows of the final evaluation; null if the job has none. */
  @Nullable Dataset test() {
    return read(data.test(), "data.test_format", data.testFormat(), data.testLimit());
  }

  /** The columns of the evaluation rows; none if the job has no such rows. */
  public List<String> evaluatedColumns() {
    RowFiles first =
        new RowFiles(plugins, data.toBuilder().testLimit(1).validationLimit(1).build());
    Dataset rows = data.test() != null ? first.test() : first.validation();
    return rows == null ? List.of() : rows.columns();
  }

  /** Rejects standard input for rows that are read more than once. */
  static void requireFile(String key, @Nullable String file) {
    if (STANDARD_INPUT.equals(file)) {
      throw new IllegalArgumentException(
          "%s: got '-', standard input, which can be read once and not by a training; write the rows"
                  .formatted(key)
              + " into a file");
    }
  }

  private @Nullable Dataset read(
      @Nullable String file, String key, @Nullable String own, @Nullable Integer limit) {
    if (file == null) {
      return null;
    }
    boolean all = limit == null || data.onlyLabels(); // the limit counts the rows that are kept
    return format(Path.of(file), key, own)
        .read(
            Path.of(file),
            new ReadOptions(data.header(), data.delimiter(), all ? ReadOptions.ALL : limit));
  }

  /**
   * Rows for prediction, other than the job's own.
   *
   * @param format null uses the one given by the file name, else the job's
   */
  public Dataset toAnswer(Path file, @Nullable String format) {
    DatasetFormat reader =
        format == null
            ? byName(file).orElseGet(() -> format(file, "--format", null))
            : plugins.formats().get(format);
    return reader.read(file, new ReadOptions(data.header(), data.delimiter(), ReadOptions.ALL));
  }

  /** Whether some file of the job has a format with delimiters. */
  boolean takesDelimiter() {
    return takesDelimiter(data.train(), null)
        || takesDelimiter(data.validation(), data.validationFormat())
        || takesDelimiter(data.test(), data.testFormat());
  }

  private boolean takesDelimiter(@Nullable String file, @Nullable String own) {
    return file != null && format(Path.of(file), "data.format", own).takesDelimiter();
  }

  /**
   * The format of a file: its own key, else the job's {@code format}, unless the file's ending
   * differs from that of the training file and determines another.
   */
  private DatasetFormat format(Path file, String key, @Nullable String own) {
    if (own != null) {
      return plugins.formats().get(own);
    }
    if (data.format() != null) {
      boolean alike = data.train() == null || ending(file).equals(ending(Path.of(data.train())));
      Optional<DatasetFormat> other = alike ? Optional.empty() : byName(file);
      return other.orElseGet(() -> plugins.formats().get(data.format()));
    }
    return byName(file)
        .orElseThrow(
            () ->
                new FormatException(
                    file.toString().equals(STANDARD_INPUT) ? "standard input" : file.toString(),
                    "is in no known format by its name.",
                    "Name one of %s in %s."
                        .formatted(Nearest.list(plugins.formats().names()), withOption(key))));
  }

  /** {@code data.test_format (--test-format)}. */
  private static String withOption(String key) {
    return key.startsWith("--")
        ? key
        : "%s (--%s)".formatted(key, key.substring(key.indexOf('.') + 1).replace('_', '-'));
  }

  private Optional<DatasetFormat> byName(Path file) {
    return JobParts.accepting(plugins, file).stream().findFirst();
  }

  /** The extension of a file name, without a compression suffix. */
  private static String ending(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    return plain.substring(plain.lastIndexOf('.') + 1);
  }
}
