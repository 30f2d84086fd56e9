package dev.jlora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.LeakDetector;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LeakReportTest {
  @BeforeEach
  void switchTracingOn() {
    LeakDetector.traceAllocations(true);
  }

  @AfterEach
  void switchTracingOff() {
    LeakDetector.traceAllocations(false);
  }

  @Test
  void names_the_line_that_allocated_what_is_still_open() {
    try (var _ = Scope.open()) {
      Tensor kept = Tensor.zeros(DType.FLOAT32, 1);
      Ops.exp(kept).close();
      assertThat(LeakDetector.report())
          .singleElement()
          .asString()
          .startsWith("1 x LeakReportTest.names_the_line")
          .contains("LeakReportTest.java:");
      kept.close();
      assertThat(LeakDetector.report()).isEmpty();
    }
  }

  @Test
  void names_the_line_of_a_tensor_used_after_its_scope() {
    Tensor tensor;
    try (var _ = Scope.open()) {
      tensor = Tensor.zeros(DType.FLOAT32, 1);
    }
    assertThatThrownBy(tensor::item).hasMessageContaining("FLOAT32[1] is closed");
  }

  @Test
  @Timeout(60)
  void names_the_line_that_opened_a_scope_which_was_dropped() throws InterruptedException {
    Queue<String> warnings = new ConcurrentLinkedQueue<>();
    Logger logger = Logger.getLogger(Scope.class.getName());
    Handler handler = keeping(warnings);
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      drop();
      while (warnings.stream().noneMatch(text -> text.contains("LeakReportTest.drop"))) {
        System.gc();
        Thread.sleep(10);
      }
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
    }
    assertThat(warnings).allMatch(text -> text.contains("a scope was dropped without close()"));
  }

  /** In a frame of its own, so that nothing holds the scope. */
  private static void drop() {
    Scope.detached();
  }

  private static Handler keeping(Queue<String> texts) {
    return new Handler() {
      @Override
      public void publish(LogRecord event) {
        texts.add(event.getMessage());
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }
}
