package dev.jlora.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.data.SamplerOptions.Order;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BatchSamplerTest {
  /** Lengths that look random and are not. */
  private static final Lengths LENGTHS =
      new Lengths() {
        @Override
        public void prepare(int[] rows) {}

        @Override
        public int length(int row) {
          return 10 + row * 7919 % 97;
        }
      };

  @Property
  void every_row_comes_exactly_once_an_epoch(
      @ForAll @IntRange(min = 1, max = 700) int rows,
      @ForAll @IntRange(min = 1, max = 9) int batchSize,
      @ForAll Order order,
      @ForAll long seed) {
    BatchSampler sampler =
        new BatchSampler(rows, new SamplerOptions(order, batchSize, seed, false), LENGTHS);
    for (int epoch = 0; epoch < 2; epoch++) {
      List<BatchRows> batches = epoch(sampler);
      assertThat(batches).hasSize((rows + batchSize - 1) / batchSize);
      assertThat(batches.stream().flatMapToInt(batch -> Arrays.stream(batch.rows())).sorted())
          .containsExactlyElementsOf(IntStream.range(0, rows).boxed().toList());
      assertThat(batches.subList(0, batches.size() - 1))
          .allSatisfy(batch -> assertThat(batch.rows()).hasSize(batchSize));
    }
  }

  @Property
  void a_resumed_sampler_gives_the_very_same_batches(
      @ForAll @IntRange(min = 4, max = 500) int rows,
      @ForAll @IntRange(min = 1, max = 4) int batchSize,
      @ForAll Order order,
      @ForAll boolean dropLast,
      @ForAll @IntRange(min = 0, max = 300) int taken) {
    SamplerOptions options = new SamplerOptions(order, batchSize, 42, dropLast);
    BatchSampler whole = new BatchSampler(rows, options, LENGTHS);
    for (int i = 0; i < taken; i++) {
      whole.next();
    }
    BatchSampler resumed = new BatchSampler(rows, options, LENGTHS);
    resumed.seek(whole.position());
    for (int i = 0; i < 30; i++) {
      assertThat(resumed.next()).usingRecursiveComparison().isEqualTo(whole.next());
    }
  }

  @Test
  void grouping_by_length_pads_little_and_starts_with_the_longest() {
    int rows = 4000;
    BatchSampler grouped = new BatchSampler(rows, SamplerOptions.lengthGrouped(16, 1), LENGTHS);
    BatchSampler shuffled = new BatchSampler(rows, SamplerOptions.shuffled(16, 1), LENGTHS);
    List<BatchRows> batches = epoch(grouped);
    assertThat(padding(batches)).isLessThan(padding(epoch(shuffled)) / 10);
    int longest = IntStream.range(0, 50).map(i -> longest(batches.get(i))).max().orElseThrow();
    assertThat(longest(batches.getFirst())).isEqualTo(longest);
    List<Integer> lengths = batches.subList(0, 50).stream().map(b -> longest(b)).toList();
    assertThat(lengths).isNotEqualTo(lengths.stream().sorted((a, b) -> b - a).toList());
  }

  @Test
  void the_order_depends_on_seed_and_epoch() {
    List<BatchRows> first = epoch(new BatchSampler(90, SamplerOptions.shuffled(8, 1), LENGTHS));
    BatchSampler again = new BatchSampler(90, SamplerOptions.shuffled(8, 1), LENGTHS);
    assertThat(flat(epoch(again))).isEqualTo(flat(first));
    assertThat(flat(epoch(again))).isNotEqualTo(flat(first));
    assertThat(flat(epoch(new BatchSampler(90, SamplerOptions.shuffled(8, 2), LENGTHS))))
        .isNotEqualTo(flat(first));
  }

  @Test
  void a_smaller_last_batch_can_be_dropped() {
    SamplerOptions options = new SamplerOptions(Order.SEQUENTIAL, 4, 0, true);
    List<BatchRows> batches = epoch(new BatchSampler(10, options, LENGTHS));
    assertThat(flat(batches)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    assertThatThrownBy(() -> new BatchSampler(3, options, LENGTHS))
        .hasMessageContaining("at least one batch");
    assertThatThrownBy(() -> new BatchSampler(10, options, LENGTHS).seek(new BatchPosition(0, 2)))
        .hasMessageContaining("got batch 2 of an epoch of 2");
  }

  private static List<BatchRows> epoch(BatchSampler sampler) {
    List<BatchRows> batches = new ArrayList<>();
    do {
      batches.add(sampler.next());
    } while (!batches.getLast().lastOfEpoch());
    return batches;
  }

  private static List<Integer> flat(List<BatchRows> batches) {
    return batches.stream().flatMap(b -> Arrays.stream(b.rows()).boxed()).toList();
  }

  private static int longest(BatchRows batch) {
    return Arrays.stream(batch.rows()).map(LENGTHS::length).max().orElseThrow();
  }

  private static long padding(List<BatchRows> batches) {
    return batches.stream()
        .mapToLong(
            b -> Arrays.stream(b.rows()).mapToLong(row -> longest(b) - LENGTHS.length(row)).sum())
        .sum();
  }
}
