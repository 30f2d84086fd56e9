package dev.jlora.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.testing.ScopedTensors;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ScopedTensors.class)
class TensorTest {
  @Nested
  class Values {
    @Test
    void come_back_as_they_went_in() {
      assertThat(Tensor.of(new float[] {1, 2.5f, -3}).toFloats()).containsExactly(1, 2.5f, -3);
      assertThat(Tensor.of(new long[] {1, -2, Long.MAX_VALUE}).toLongs())
          .containsExactly(1, -2, Long.MAX_VALUE);
      assertThat(Tensor.of(new double[] {0.1, 0.2}, 2, 1).toDoubles()).containsExactly(0.1, 0.2);
      assertThat(Tensor.of(new boolean[] {true, false}).toLongs()).containsExactly(1, 0);
    }

    @Test
    void of_views_are_read_row_major() {
      Tensor matrix = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
      assertThat(Views.transpose(matrix, 0, 1).toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
      assertThat(Views.slice(matrix, 1, 1, 3).toFloats()).containsExactly(2, 3, 5, 6);
      assertThat(Views.select(matrix, 0, 1).toFloats()).containsExactly(4, 5, 6);
      assertThat(Views.expand(Views.select(matrix, 0, 0), 2, 3).toFloats())
          .containsExactly(1, 2, 3, 1, 2, 3);
    }

    @Test
    void of_sixteen_bit_types_are_widened() {
      Tensor half = Tensor.full(1.5, DType.BFLOAT16, 2);
      assertThat(half.toFloats()).containsExactly(1.5f, 1.5f);
      assertThat(Tensor.full(0.25, DType.FLOAT16, 1).item()).isEqualTo(0.25);
    }

    @Test
    void lie_in_foreign_memory_without_a_copy() {
      try (Arena arena = Arena.ofConfined()) {
        var memory = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2, 3, 4);
        Tensor tensor = Tensor.ofMemory(memory, DType.FLOAT32, 2, 2);
        assertThat(tensor.address()).isEqualTo(memory.address());
        memory.setAtIndex(ValueLayout.JAVA_FLOAT, 3, 9);
        assertThat(tensor.toFloats()).containsExactly(1, 2, 3, 9);
        tensor.close();
      }
    }

    @Test
    void must_fit_the_shape() {
      assertThatThrownBy(() -> Tensor.of(new float[] {1, 2, 3}, 2, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("values: got 3, expected 4 for shape [2, 2]");
    }

    @Test
    void are_one_for_item() {
      assertThatThrownBy(() -> Tensor.zeros(DType.FLOAT32, 2).item())
          .hasMessage("item(): got FLOAT32[2], expected a tensor of one element");
    }
  }

  @Nested
  class Lifetime {
    @Test
    void ends_with_the_scope() {
      Tensor inner;
      Tensor moved;
      try (var _ = Scope.open()) {
        inner = Tensor.zeros(DType.FLOAT32, 2);
        moved = Scope.moveOut(Tensor.ones(DType.FLOAT32, 2));
      }
      assertThat(inner.closed()).isTrue();
      assertThat(moved.toFloats()).containsExactly(1, 1);
      assertThatThrownBy(inner::toFloats)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("FLOAT32[2] is closed");
    }

    @Test
    void ends_only_once() {
      Tensor tensor = Tensor.zeros(DType.FLOAT32, 1);
      tensor.close();
      assertThatThrownBy(tensor::close).isInstanceOf(IllegalStateException.class);
      Scope other = Scope.open();
      other.close();
      assertThatThrownBy(other::close).hasMessage("this scope is closed already");
    }

    @Test
    void of_the_memory_is_that_of_its_last_handle() {
      long before = Tensor.liveBytes();
      Tensor first = Tensor.of(new float[] {7, 8});
      Tensor second = first.share();
      assertThat(first.exclusive()).isFalse();
      first.close();
      assertThat(second.exclusive()).isTrue();
      assertThat(second.toFloats()).containsExactly(7, 8);
      assertThat(Tensor.liveBytes() - before).isEqualTo(8);
      second.close();
      assertThat(Tensor.liveBytes()).isEqualTo(before);
    }

    @Test
    void in_a_detached_scope_outlives_the_thread_s_scopes() {
      try (Scope kept = Scope.detached()) {
        Tensor tensor;
        try (var _ = Scope.open()) {
          tensor = kept.adopt(Tensor.scalar(3, DType.FLOAT32));
        }
        assertThat(tensor.item()).isEqualTo(3);
      }
    }

    @Test
    void needs_an_open_scope() throws InterruptedException {
      var failure = new Throwable[1];
      Thread thread =
          Thread.ofPlatform()
              .name("bare")
              .start(
                  () -> {
                    try {
                      Tensor.zeros(DType.FLOAT32, 1);
                    } catch (IllegalStateException e) {
                      failure[0] = e;
                    }
                  });
      thread.join();
      assertThat(failure[0]).hasMessageContaining("no scope is open on thread 'bare'");
    }

    @Test
    void respects_the_byte_budget() {
      TensorMemory.budget(Tensor.liveBytes() + 100);
      try {
        Tensor.zeros(DType.FLOAT32, 10);
        assertThatThrownBy(() -> Tensor.zeros(DType.FLOAT32, 1000))
            .isInstanceOf(MemoryBudgetException.class)
            .hasMessageContaining("needs 4,000 bytes")
            .hasMessageContaining("jlora.memory.budget");
      } finally {
        TensorMemory.budget(Long.MAX_VALUE);
      }
    }
  }

  @Nested
  class Views_ {
    private final long[] shape = {2, 3};

    @Test
    void are_checked_in_java() {
      Tensor matrix = Tensor.zeros(DType.FLOAT32, shape);
      assertThatThrownBy(() -> Views.view(matrix, 4, 2))
          .hasMessage("shape [4, 2] does not hold the 6 elements of FLOAT32[2, 3]");
      assertThatThrownBy(() -> Views.slice(matrix, 0, 1, 3))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> Views.select(matrix, 2, 0))
          .hasMessage("dimension: got 2, expected -2 to 1");
      assertThatThrownBy(() -> Views.expand(matrix, 4, 3)).hasMessageContaining("broadcast");
    }
  }
}
