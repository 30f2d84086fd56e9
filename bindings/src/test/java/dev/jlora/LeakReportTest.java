package dev.jlora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.LeakDetector;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
}
