package dev.jlora.data;

import dev.jlora.data.SamplerOptions.Order;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Selects the rows of each batch, epoch after epoch without end. Every row occurs exactly once per
 * epoch (except those of a dropped last batch), and the order depends only on the options, the
 * epoch and the rows' lengths, so that a saved {@link BatchPosition} leads to the same batches.
 *
 * <p>Grouping by length divides the shuffled rows of an epoch into <i>mega-batches</i> of up to 50
 * batches, sorts each by length, and shuffles its batches. The first batch of an epoch is the
 * longest of its mega-batch, so that a step that exceeds the memory fails early. Lengths are
 * requested for one mega-batch at a time: training starts long before all rows are tokenized.
 *
 * <p>Not thread-safe.
 */
public final class BatchSampler {
  private static final int MEGA_BATCH = 50;

  private final int rows;
  private final SamplerOptions options;
  private final Lengths lengths;

  private BatchPosition position = BatchPosition.START;
  private int orderedEpoch = -1;
  private int[] order = {};
  private int groupedFrom = -1;
  private int @Nullable [] grouped;

  /**
   * @param rows number of rows of the dataset
   * @param lengths used only when grouping by length
   */
  public BatchSampler(int rows, SamplerOptions options, Lengths lengths) {
    this.rows = rows;
    this.options = options;
    this.lengths = lengths;
    if (batchesPerEpoch() == 0) {
      throw new IllegalArgumentException(
          "got %d rows for batches of %d%s, expected at least one batch"
              .formatted(
                  rows, options.batchSize(), options.dropLast() ? " without a smaller last" : ""));
    }
  }

  public SamplerOptions options() {
    return options;
  }

  public int batchesPerEpoch() {
    int size = options.batchSize();
    return options.dropLast() ? rows / size : (rows + size - 1) / size;
  }

  /** The position of the next batch. */
  public BatchPosition position() {
    return position;
  }

  /** Continues at a saved position. */
  public void seek(BatchPosition to) {
    if (to.batch() >= batchesPerEpoch()) {
      throw new IllegalArgumentException(
          "got batch %d of an epoch of %d; expected the dataset and batch size of the saved run"
              .formatted(to.batch(), batchesPerEpoch()));
    }
    position = to;
  }

  /** The rows of the next batch. */
  public BatchRows next() {
    int epoch = position.epoch();
    int index = position.batch();
    if (orderedEpoch != epoch) {
      order = epochOrder(epoch);
      orderedEpoch = epoch;
      groupedFrom = -1;
    }
    int from = index * options.batchSize();
    int to = Math.min(from + options.batchSize(), rows);
    int[] chosen =
        options.order() == Order.LENGTH_GROUPED
            ? groupedBatch(epoch, from, to)
            : Arrays.copyOfRange(order, from, to);
    BatchRows batch = new BatchRows(epoch, index, chosen, index + 1 == batchesPerEpoch());
    position = batch.after();
    return batch;
  }

  private int[] epochOrder(int epoch) {
    int[] all = IntStream.range(0, rows).toArray();
    if (options.order() != Order.SEQUENTIAL) {
      shuffle(all, random(epoch, -1));
    }
    return all;
  }

  private int[] groupedBatch(int epoch, int from, int to) {
    int mega = megaBatchRows();
    int start = from / mega * mega;
    int[] megaBatch = grouped;
    if (groupedFrom != start || megaBatch == null) {
      megaBatch = group(epoch, start, Math.min(start + mega, rows));
      grouped = megaBatch;
      groupedFrom = start;
    }
    return Arrays.copyOfRange(megaBatch, from - start, to - start);
  }

  /** As many batches as Hugging Face's sampler uses: at least four groups in a small dataset. */
  private int megaBatchRows() {
    int size = options.batchSize();
    return size * Math.clamp(rows / (size * 4L), 1, MEGA_BATCH);
  }

  /** Rows {@code start} to {@code end} of the epoch's order, grouped. */
  private int[] group(int epoch, int start, int end) {
    int[] members = Arrays.copyOfRange(order, start, end);
    lengths.prepare(members);
    int[] sorted = longestFirst(members);
    int size = options.batchSize();
    int whole = sorted.length / size; // a smaller last batch stays last
    int[] places = IntStream.range(start == 0 ? 1 : 0, Math.max(whole, 1)).toArray();
    shuffle(places, random(epoch, start));
    int[] batches = new int[sorted.length];
    int at = 0;
    if (start == 0) {
      at = copyBatch(sorted, 0, batches, 0, size);
    }
    for (int place : places) {
      at = copyBatch(sorted, place, batches, at, size);
    }
    System.arraycopy(sorted, at, batches, at, sorted.length - at);
    return batches;
  }

  /** Sorted by length, descending; rows of one length keep their shuffled order. */
  private int[] longestFirst(int[] members) {
    long[] keyed = new long[members.length];
    for (int i = 0; i < members.length; i++) {
      keyed[i] = (long) -lengths.length(members[i]) << 32 | i;
    }
    Arrays.sort(keyed);
    return Arrays.stream(keyed).mapToInt(key -> members[(int) key]).toArray();
  }

  private static int copyBatch(int[] from, int batch, int[] to, int at, int size) {
    int count = Math.min(size, from.length - batch * size);
    System.arraycopy(from, batch * size, to, at, count);
    return at + count;
  }

  /** A separate generator for each purpose, so that none depends on earlier draws. */
  private RandomGenerator random(int epoch, int purpose) {
    long mixed = options.seed() * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ epoch) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 29) ^ purpose) * 0x94D049BB133111EBL;
    return RandomGeneratorFactory.of("L64X128MixRandom").create(mixed ^ (mixed >>> 32));
  }

  private static void shuffle(int[] values, RandomGenerator random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = values[i];
      values[i] = values[j];
      values[j] = swapped;
    }
  }
}
