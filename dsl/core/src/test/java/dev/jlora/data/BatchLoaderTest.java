package dev.jlora.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.data.PaddingCollator.Padding;
import dev.jlora.io.FormatException;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchLoaderTest {
  private static final Collator COLLATOR = new PaddingCollator(Padding.longest(9, false));

  @Test
  void a_batch_becomes_tensors_in_place() {
    try (BatchLoader loader = loader(3, SamplerOptions.sequential(2), 1, counting(new int[3]));
        Scope _ = Scope.open();
        HostBatch batch = loader.next()) {
      Map<String, Tensor> tensors = batch.toTensors();
      Tensor ids = tensors.get("input_ids");
      assertThat(ids.shape()).containsExactly(2, 2);
      assertThat(ids.toLongs()).containsExactly(0, 9, 1, 1);
      assertThat(tensors.get("attention_mask").toLongs()).containsExactly(1, 0, 1, 1);
      assertThat(tensors.get("labels").toLongs()).containsExactly(0, 1);
      assertThat(ids.address()).isEqualTo(batch.parts().get("input_ids").memory().address());
      assertThat(batch.tokens()).isEqualTo(3);
      tensors.values().forEach(Tensor::close);
    }
  }

  @Test
  void every_row_is_encoded_once_over_all_epochs() {
    int[] encoded = new int[50];
    try (BatchLoader loader =
        loader(50, SamplerOptions.lengthGrouped(4, 3), 3, counting(encoded))) {
      List<Integer> rows = new ArrayList<>();
      for (HostBatch batch = loader.next(); batch != null; batch = loader.next()) {
        Arrays.stream(batch.rows().rows()).forEach(rows::add);
        batch.close();
      }
      assertThat(rows).hasSize(150);
      assertThat(rows.subList(100, 150)).containsExactlyInAnyOrderElementsOf(range(50));
      assertThat(encoded).containsOnly(1);
      assertThat(loader.next()).isNull();
    }
  }

  @Test
  void training_starts_before_all_rows_are_encoded() throws InterruptedException {
    CountDownLatch first = new CountDownLatch(1);
    AtomicInteger encoded = new AtomicInteger();
    ExampleEncoder slow =
        rows -> {
          if (encoded.getAndAdd(rows.size()) >= 8) {
            await(first);
          }
          return rows.stream().map(BatchLoaderTest::example).toList();
        };
    try (BatchLoader loader = loader(1000, SamplerOptions.shuffled(8, 1), 1, slow)) {
      loader.next().close(); // would wait forever if more rows had to be encoded first
      first.countDown();
      while (encoded.get() < 1000) { // the loader goes on while nobody takes a batch
        Thread.sleep(5);
      }
      assertThat(loader.ready()).isEqualTo(4);
    }
  }

  @Test
  void an_error_names_the_row_and_reaches_the_consumer() {
    ExampleEncoder failing =
        rows -> {
          if (rows.stream().anyMatch(row -> row.number("n") == 5)) {
            throw new IllegalStateException("the text is strange");
          }
          return rows.stream().map(BatchLoaderTest::example).toList();
        };
    try (BatchLoader loader = loader(8, SamplerOptions.sequential(2), 1, failing)) {
      loader.next().close();
      loader.next().close();
      assertThatThrownBy(loader::next)
          .isInstanceOf(FormatException.class)
          .hasMessage(
              "rows.jsonl:6: could not be encoded: the text is strange. Correct or drop it.");
      assertThat(loader.next()).isNull();
    }
  }

  @Test
  void closing_early_ends_the_thread_and_frees_what_is_ready() throws InterruptedException {
    List<HostBatch> made = Collections.synchronizedList(new ArrayList<>());
    Collator remembering =
        (examples, rows) -> {
          HostBatch batch = COLLATOR.collate(examples, rows);
          made.add(batch);
          return batch;
        };
    Examples examples = new Examples(dataset(100), counting(new int[100]));
    BatchSampler sampler = new BatchSampler(100, SamplerOptions.shuffled(2, 1), examples);
    BatchLoader loader =
        BatchLoader.start(sampler, examples, remembering, BatchLoader.Options.epochs(100));
    while (loader.ready() < 4) {
      Thread.sleep(1);
    }
    loader.close();
    assertThat(made).isNotEmpty();
    assertThat(made)
        .allSatisfy(
            batch -> assertThat(batch.parts().get("labels").memory().scope().isAlive()).isFalse());
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().equals("jlora-batches"));
    assertThatThrownBy(loader::next).hasMessageContaining("closed");
  }

  private static BatchLoader loader(
      int rows, SamplerOptions options, int epochs, ExampleEncoder encoder) {
    Examples examples = new Examples(dataset(rows), encoder);
    return BatchLoader.start(
        new BatchSampler(rows, options, examples),
        examples,
        COLLATOR,
        BatchLoader.Options.epochs(epochs));
  }

  private static Dataset dataset(int rows) {
    return Dataset.of(
        "rows",
        IntStream.range(0, rows)
            .mapToObj(i -> new Row(List.of("n"), List.of(i), "rows.jsonl", i + 1))
            .toList());
  }

  private static ExampleEncoder counting(int[] counts) {
    return rows -> {
      rows.forEach(row -> counts[(int) row.number("n")]++);
      return rows.stream().map(BatchLoaderTest::example).toList();
    };
  }

  /** Row n has its number n % 7 + 1 times, and as its class. */
  private static Example example(Row row) {
    int n = (int) row.number("n");
    int[] ids = new int[n % 7 + 1];
    Arrays.fill(ids, n);
    return new Example(ids, null, new Target.ClassId(n), row.where());
  }

  private static List<Integer> range(int end) {
    return IntStream.range(0, end).boxed().toList();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
