package dev.jlora.model.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class OpenGuardTest {
  private final OpenGuard guard = new OpenGuard("this thing");
  private final AtomicInteger freed = new AtomicInteger();

  @Test
  void it_is_freed_once_and_refuses_uses_after() {
    guard.use().close();
    guard.close(freed::incrementAndGet);
    guard.close(freed::incrementAndGet);
    assertThat(freed).hasValue(1);
    assertThatThrownBy(guard::use)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this thing is closed; open it again to use it");
  }

  @Test
  void uses_run_beside_each_other_and_closing_waits_for_all() throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(2);
    CountDownLatch leave = new CountDownLatch(1);
    for (int i = 0; i < 2; i++) {
      Thread.ofPlatform()
          .start(
              () -> {
                try (var _ = guard.use()) {
                  inside.countDown();
                  leave.await();
                  freed.compareAndSet(0, 100);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
    }
    inside.await(); // both are in it at one time
    Thread closing = Thread.ofPlatform().start(() -> guard.close(freed::incrementAndGet));
    while (closing.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(freed).hasValue(0);
    leave.countDown();
    closing.join();
    assertThat(freed).hasValue(101);
  }

  @Test
  void a_use_that_closes_itself_is_an_error_and_no_deadlock() {
    try (var _ = guard.use()) {
      assertThatThrownBy(() -> guard.close(freed::incrementAndGet))
          .hasMessage("this thing is in use by this call; close it after the call has returned");
    }
    guard.close(freed::incrementAndGet);
    assertThat(freed).hasValue(1);
  }
}
