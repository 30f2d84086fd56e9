package dev.jlora.data;

import dev.jlora.io.FileException;
import dev.jlora.io.FormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * The encoded rows of a dataset. A row is encoded on first access and kept, so that it is not
 * tokenized twice. Thread-safe.
 */
public final class Examples implements Lengths {
  /**
   * Number of rows encoded at once: enough for a parallel tokenizer, few enough to be
   * interruptible.
   */
  private static final int CHUNK = 256;

  private final Dataset dataset;
  private final ExampleEncoder encoder;
  private final @Nullable Example[] encoded;
  private int nextUnseen;

  public Examples(Dataset dataset, ExampleEncoder encoder) {
    this.dataset = dataset;
    this.encoder = encoder;
    this.encoded = new Example[dataset.size()];
  }

  public Dataset dataset() {
    return dataset;
  }

  public int size() {
    return encoded.length;
  }

  /** The example of one row, encoded now if necessary. */
  public synchronized Example get(int row) {
    Example example = encoded[row];
    if (example == null) {
      encode(new int[] {row});
      example = encoded[row];
    }
    return Objects.requireNonNull(example);
  }

  @Override
  public int length(int row) {
    return get(row).length();
  }

  /**
   * Encodes those of {@code rows} that are not encoded yet.
   *
   * @throws CancellationException if the thread is interrupted
   */
  @Override
  public void prepare(int[] rows) {
    for (int from = 0; from < rows.length; ) {
      if (Thread.currentThread().isInterrupted()) {
        throw new CancellationException("interrupted while encoding rows of " + dataset.name());
      }
      int to = Math.min(from + CHUNK, rows.length);
      encode(Arrays.copyOfRange(rows, from, to));
      from = to;
    }
  }

  /**
   * Encodes up to {@code count} more rows in the order of the dataset, during idle time.
   *
   * @return whether any were left
   */
  public synchronized boolean prepareAhead(int count) {
    int[] rows = new int[count];
    int found = 0;
    for (; nextUnseen < encoded.length && found < count; nextUnseen++) {
      if (encoded[nextUnseen] == null) {
        rows[found++] = nextUnseen;
      }
    }
    encode(Arrays.copyOf(rows, found));
    return found > 0;
  }

  private synchronized void encode(int[] rows) {
    int[] missing = Arrays.stream(rows).filter(row -> encoded[row] == null).toArray();
    if (missing.length == 0) {
      return;
    }
    List<Row> inputs = new ArrayList<>(missing.length);
    for (int row : missing) {
      inputs.add(dataset.row(row));
    }
    List<Example> outputs = encode(inputs);
    for (int i = 0; i < missing.length; i++) {
      encoded[missing[i]] = outputs.get(i);
    }
  }

  private List<Example> encode(List<Row> rows) {
    try {
      List<Example> examples = encoder.encode(rows);
      if (examples.size() != rows.size()) {
        throw new IllegalStateException(
            "the encoder made %d examples of %d rows".formatted(examples.size(), rows.size()));
      }
      return examples;
    } catch (FileException e) {
      throw e; // names its row already
    } catch (RuntimeException e) {
      throw rows.size() == 1 ? failed(rows.getFirst(), e) : failedAmong(rows, e);
    }
  }

  /** Finds the row that caused the failure of several. */
  private RuntimeException failedAmong(List<Row> rows, RuntimeException failure) {
    for (Row row : rows) {
      try {
        encoder.encode(List.of(row));
      } catch (RuntimeException e) {
        return failed(row, e);
      }
    }
    return failure;
  }

  private static FormatException failed(Row row, RuntimeException e) {
    return new FormatException(
        row.where(), "could not be encoded: " + e.getMessage() + ".", "Correct or drop it.", e);
  }
}
