package dev.jlora.tasks;

import dev.jlora.data.BatchRows;
import dev.jlora.data.Collator;
import dev.jlora.data.Example;
import dev.jlora.data.HostBatch;
import dev.jlora.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Masks 15 % of the tokens of a batch: 80 % of these become the mask token, 10 % a random one and
 * 10 % are unchanged. The choice depends only on seed, epoch and batch, so a resumed run masks the
 * same tokens.
 */
final class MaskingCollator implements Collator {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final double HIDDEN = 0.15;
  private static final double MASKED = 0.8;
  private static final double RANDOM = 0.9;

  private final Collator padding;
  private final int mask;
  private final int vocabulary;
  private final int[] special;
  private final long seed;

  MaskingCollator(Collator padding, int mask, int vocabulary, int[] special, long seed) {
    this.padding = padding;
    this.mask = mask;
    this.vocabulary = vocabulary;
    this.special = special.clone();
    Arrays.sort(this.special);
    this.seed = seed;
  }

  @Override
  public HostBatch collate(List<Example> examples, BatchRows rows) {
    HostBatch batch = padding.collate(examples, rows);
    HostBatch.Part ids = batch.parts().get("input_ids");
    MemorySegment attended = batch.parts().get("attention_mask").memory();
    long[] shape = ids.sizes();
    MemorySegment labels = batch.add("labels", DType.INT64, shape);
    var random = new SplittableRandom(mixed(rows));
    int hidden = 0;
    long last = -1;
    for (long i = 0; i < shape[0] * shape[1]; i++) {
      long id = ids.memory().getAtIndex(LONG, i);
      boolean word =
          attended.getAtIndex(LONG, i) != 0 && Arrays.binarySearch(special, (int) id) < 0;
      if (word) {
        last = i;
      }
      if (word && random.nextDouble() < HIDDEN) {
        hide(ids.memory(), labels, i, random);
        hidden++;
      } else {
        labels.setAtIndex(LONG, i, IGNORED);
      }
    }
    if (hidden == 0 && last >= 0) { // a loss over no token would not be a number
      hide(ids.memory(), labels, last, random);
    }
    return batch;
  }

  private void hide(MemorySegment ids, MemorySegment labels, long at, SplittableRandom random) {
    labels.setAtIndex(LONG, at, ids.getAtIndex(LONG, at));
    double kind = random.nextDouble();
    if (kind < MASKED) {
      ids.setAtIndex(LONG, at, mask);
    } else if (kind < RANDOM) {
      ids.setAtIndex(LONG, at, random.nextInt(vocabulary));
    }
  }

  private long mixed(BatchRows rows) {
    return (seed * 31 + rows.epoch()) * 0x9E3779B97F4A7C15L + rows.index();
  }
}
