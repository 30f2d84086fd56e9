package dev.jlora.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The current GPU of a thread. */
class GpuThreadsTest {
  private final List<Integer> entered = new ArrayList<>();
  private final FakeLibrary driver =
      FakeDriver.of(13000, 2)
          .on(
              "cuDevicePrimaryCtxRetain",
              arguments -> FakeDriver.answerLong(arguments[0], 100 + (int) arguments[1]))
          .on(
              "cuCtxSetCurrent",
              arguments -> {
                entered.add(Math.toIntExact((long) arguments[0]));
                return 0;
              });

  @Test
  void a_thread_that_works_on_two_gpus_changes_between_them() throws InterruptedException {
    Cuda cuda = FakeDriver.cuda(driver);
    GpuThreads first = new GpuThreads(cuda, cuda.gpu(0));
    GpuThreads second = new GpuThreads(cuda, cuda.gpu(1));
    first.enter();
    first.enter();
    second.enter();
    first.enter();
    assertThat(entered).containsExactly(100, 101, 100);

    Thread other = new Thread(first::enter);
    other.start();
    other.join();
    assertThat(entered).containsExactly(100, 101, 100, 100);
  }
}
