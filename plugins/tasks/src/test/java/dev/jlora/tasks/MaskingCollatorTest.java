package dev.jlora.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.data.BatchRows;
import dev.jlora.data.Collator;
import dev.jlora.data.Example;
import dev.jlora.data.HostBatch;
import dev.jlora.data.PaddingCollator;
import dev.jlora.data.Target;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MaskingCollatorTest {
  private static final int VOCABULARY = 1000;
  private static final int WORD = 500;
  private static final int LENGTH = 402;
  private static final int ROWS = 100;

  @Test
  void fifteen_percent_are_hidden_of_which_eighty_are_masked_and_ten_random() {
    Tally tally = tally(collate(1, 0, 0));
    double words = ROWS * (LENGTH - 2.0);
    assertThat(tally.hidden / words).isCloseTo(0.15, within(0.01));
    assertThat(tally.masked / (double) tally.hidden).isCloseTo(0.8, within(0.02));
    assertThat(tally.random / (double) tally.hidden).isCloseTo(0.1, within(0.02));
    assertThat(tally.kept / (double) tally.hidden).isCloseTo(0.1, within(0.02));
  }

  @Test
  void special_tokens_and_padding_are_never_hidden() {
    long[][] batch = collate(1, 0, 0);
    for (int i = 0; i < batch[0].length; i++) {
      int column = i % LENGTH;
      if (column == 0 || column == LENGTH - 1) {
        assertThat(batch[1][i]).isEqualTo(Collator.IGNORED);
      }
    }
    HostBatch padded = masking(1).collate(List.of(example(4), example(40)), rows(0, 0, 2));
    try (padded) {
      long[] labels = values(padded, "labels");
      assertThat(Arrays.copyOfRange(labels, 4, 40)).containsOnly(Collator.IGNORED);
      assertThat(Arrays.copyOfRange(values(padded, "input_ids"), 4, 40)).containsOnly(0);
    }
  }

  @Test
  void what_is_hidden_depends_on_seed_epoch_and_batch_alone() {
    assertThat(collate(1, 0, 3)).isDeepEqualTo(collate(1, 0, 3));
    assertThat(collate(1, 0, 3)[1]).isNotEqualTo(collate(1, 0, 4)[1]);
    assertThat(collate(1, 0, 3)[1]).isNotEqualTo(collate(1, 1, 3)[1]);
    assertThat(collate(1, 0, 3)[1]).isNotEqualTo(collate(2, 0, 3)[1]);
  }

  @Test
  void a_batch_always_hides_something() {
    for (int batch = 0; batch < 50; batch++) {
      try (HostBatch one = masking(1).collate(List.of(example(3)), rows(0, batch, 1))) {
        assertThat(values(one, "labels")).containsExactly(Collator.IGNORED, WORD, Collator.IGNORED);
      }
    }
  }

  private static final class Tally {
    int hidden;
    int masked;
    int random;
    int kept;
  }

  private static Tally tally(long[][] batch) {
    var tally = new Tally();
    for (int i = 0; i < batch[0].length; i++) {
      if (batch[1][i] == Collator.IGNORED) {
        assertThat(batch[0][i]).isIn((long) WORD, (long) Encoding.CLS, (long) Encoding.SEP);
      } else {
        assertThat(batch[1][i]).isEqualTo(WORD);
        tally.hidden++;
        if (batch[0][i] == Encoding.MASK) {
          tally.masked++;
        } else if (batch[0][i] == WORD) {
          tally.kept++;
        } else {
          tally.random++;
        }
      }
    }
    return tally;
  }

  /** Ids and labels of a full batch. */
  private static long[][] collate(long seed, int epoch, int index) {
    var examples = IntStream.range(0, ROWS).mapToObj(_ -> example(LENGTH)).toList();
    try (HostBatch batch = masking(seed).collate(examples, rows(epoch, index, ROWS))) {
      return new long[][] {values(batch, "input_ids"), values(batch, "labels")};
    }
  }

  private static MaskingCollator masking(long seed) {
    var padding = new PaddingCollator(PaddingCollator.Padding.longest(0, false));
    int[] special = {Encoding.MASK, Encoding.SEP, Encoding.CLS, 1, 0};
    return new MaskingCollator(padding, Encoding.MASK, VOCABULARY, special, seed);
  }

  private static Example example(int length) {
    int[] ids = new int[length];
    Arrays.fill(ids, WORD);
    ids[0] = Encoding.CLS;
    ids[length - 1] = Encoding.SEP;
    return new Example(ids, null, Target.NONE, "row");
  }

  private static BatchRows rows(int epoch, int index, int count) {
    return new BatchRows(epoch, index, IntStream.range(0, count).toArray(), false);
  }

  private static long[] values(HostBatch batch, String name) {
    MemorySegment memory = batch.parts().get(name).memory();
    return memory.toArray(ValueLayout.JAVA_LONG);
  }
}
