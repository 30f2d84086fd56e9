package dev.jlora.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jlora.testing.ScopedTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ScopedTensors.class)
class HostHeapTest {
  private static final long MEGABYTE = 1 << 20;

  @BeforeEach
  void needsIt() {
    assumeTrue(
        HostHeap.takes(Device.CPU, HostHeap.LEAST_BYTES), "no jemalloc, or a libtorch before 2.11");
  }

  private static Tensor megabyte() {
    return Tensor.ones(DType.FLOAT32, 512, 512);
  }

  /** Resident memory, in bytes. */
  private static long resident() {
    try {
      return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) * 4096;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void thousands_of_tensors_take_no_more_memory_than_a_few() {
    Tensor large = Tensor.ones(DType.FLOAT32, 16 * 512, 512); // pages for all that follows
    large.close();
    long before = resident();
    for (int i = 0; i < 5_000; i++) {
      try (var _ = Scope.open()) {
        Tensor tensor = megabyte();
        assertThat(HostHeap.holds(tensor)).isTrue();
        tensor.share();
        Views.slice(tensor, 0, 1, 2);
      }
    }
    assertThat(resident() - before).as("5,000 MB were made").isLessThan(200 * MEGABYTE);
  }

  @Test
  void memory_lives_as_long_as_its_last_view() {
    Tensor tensor = megabyte();
    long address = tensor.address();
    Tensor view = Views.slice(tensor, 0, 0, 2);
    Tensor detached = Operator.of("aten::detach").one(view);
    tensor.close();
    view.close();

    Tensor other = megabyte();
    assertThat(other.address()).isNotEqualTo(address);
    other.copyFrom(Tensor.zerosLike(other));
    assertThat(detached.address()).isEqualTo(address);
    assertThat(detached.toFloats()).hasSize(1024).containsOnly(1);
  }

  @Test
  void another_thread_may_free_it() throws InterruptedException {
    AtomicBoolean freed = new AtomicBoolean();
    Scope scope = Scope.detached();
    scope.adopt(megabyte());
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  scope.close();
                  freed.set(true);
                });
    thread.join(TimeUnit.MINUTES.toMillis(1));
    assertThat(freed).isTrue();
    assertThat(HostHeap.holds(megabyte())).isTrue();
  }

  @Test
  void data_lie_where_vector_instructions_like_them() {
    for (long elements : new long[] {16_384, 16_385, 100_003, 1_000_000, 5_000_001}) {
      try (Tensor tensor = Tensor.empty(DType.FLOAT32, elements)) {
        assertThat(tensor.address() % 64).as("of %d", elements).isZero();
      }
    }
  }

  /** The flag {@code hg} of a mapping: madvise(MADV_HUGEPAGE) was said of it. */
  @Test
  void large_pages_are_asked_for() throws IOException {
    Path setting = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
    assumeTrue(
        Files.exists(setting) && Files.readString(setting).contains("[madvise]"),
        "a kernel that gives large pages to whoever asks");
    assumeTrue(System.getenv("JE_MALLOC_CONF") == null, "jemalloc as jlora sets it");
    long address = Tensor.empty(DType.FLOAT32, 16 * 512, 512).address();

    String flags = null;
    boolean inside = false;
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      String[] range = line.split("[- ]", 3);
      if (range.length == 3 && range[0].matches("[0-9a-f]+") && range[1].matches("[0-9a-f]+")) {
        inside =
            Long.parseUnsignedLong(range[0], 16) <= address
                && address < Long.parseUnsignedLong(range[1], 16);
      } else if (inside && line.startsWith("VmFlags:")) {
        flags = line;
      }
    }
    assertThat(flags).contains(" hg");
  }

  @Test
  void small_and_empty_tensors_are_left_to_libtorch() {
    Tensor small = Tensor.ones(DType.FLOAT32, 100);
    Tensor none = Tensor.empty(DType.FLOAT32, 0, 1_000_000);
    assertThat(HostHeap.holds(small)).isFalse();
    assertThat(HostHeap.holds(none)).isFalse();
    assertThat(small.toFloats()).containsOnly(1);
    assertThat(none.toFloats()).isEmpty();
  }

  @Test
  void memory_that_is_not_there_is_an_error_that_says_how_much() {
    long live = TensorMemory.liveBytes();
    assertThatThrownBy(() -> Tensor.empty(DType.FLOAT32, 1L << 40, 1L << 20))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("a tensor FLOAT32[1099511627776, 1048576]")
        .hasMessageContaining("needs 4,611,686,018,427,387,904 bytes");
    assertThat(TensorMemory.liveBytes()).isEqualTo(live);
  }

  @Test
  void a_size_that_no_number_holds_is_an_error() {
    assertThatThrownBy(() -> Tensor.empty(DType.FLOAT64, 1L << 40, 1L << 21))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void a_budget_holds_here_too() {
    TensorMemory.budget(TensorMemory.liveBytes() + MEGABYTE / 2);
    try {
      assertThatThrownBy(HostHeapTest::megabyte).isInstanceOf(MemoryBudgetException.class);
    } finally {
      TensorMemory.budget(Long.MAX_VALUE);
    }
  }

  @Test
  void what_live_tensors_own_is_counted_as_ever() {
    long live = TensorMemory.liveBytes();
    try (Tensor tensor = megabyte();
        Tensor view = Views.view(tensor, 1024, 256)) {
      assertThat(view.exclusive()).isFalse();
      assertThat(TensorMemory.liveBytes() - live).isEqualTo(MEGABYTE);
    }
    assertThat(TensorMemory.liveBytes()).isEqualTo(live);
  }
}
