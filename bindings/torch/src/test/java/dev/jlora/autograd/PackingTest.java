package dev.jlora.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.kernels.PackedRows;
import dev.jlora.tensor.Tensor;
import dev.jlora.testing.GradientCheck;
import dev.jlora.testing.ScopedTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tokens go where they are packed and come back. */
@ExtendWith(ScopedTensors.class)
class PackingTest {
  private static final PackedRows ROWS =
      PackedRows.of(4, new long[] {0, 1, 3}, new long[] {2, 3, 1});
  private static final Tape OFF = Tape.off();

  private static Tensor batch() {
    return Tensor.of(new float[] {1, 2, 0, 0, 0, 3, 4, 5, 0, 0, 0, 6}, 3, 4, 1);
  }

  @Test
  void tokens_are_packed_and_come_back() {
    Tensor packed = PackedFunctions.pack(OFF, batch(), ROWS);
    assertThat(packed.shape()).containsExactly(1, 6, 1);
    assertThat(packed.toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
    Tensor back = PackedFunctions.unpack(OFF, packed, ROWS);
    assertThat(back.shape()).containsExactly(3, 4, 1);
    assertThat(back.toFloats()).containsExactly(batch().toFloats());
    Tensor first = PackedFunctions.firstTokens(OFF, packed, ROWS);
    assertThat(first.shape()).containsExactly(3, 1, 1);
    assertThat(first.toFloats()).containsExactly(1, 3, 6);
  }

  @Test
  void gradients_go_the_other_way() {
    GradientCheck.of((tape, in) -> PackedFunctions.pack(tape, in[0], ROWS)).input(3, 4, 2).holds();
    GradientCheck.of((tape, in) -> PackedFunctions.unpack(tape, in[0], ROWS))
        .input(1, 6, 2)
        .holds();
    GradientCheck.of((tape, in) -> PackedFunctions.firstTokens(tape, in[0], ROWS))
        .input(1, 6, 2)
        .holds();
    GradientCheck.of(
            (tape, in) ->
                Functions.add(
                    tape,
                    PackedFunctions.firstTokens(tape, in[0], ROWS),
                    PackedFunctions.firstTokens(tape, Functions.tanh(tape, in[0]), ROWS)))
        .input(1, 6, 2)
        .holds();
  }

  @Test
  void other_shapes_are_refused() {
    assertThatThrownBy(() -> PackedFunctions.pack(OFF, Tensor.zeros(batch().dtype(), 3, 5), ROWS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected [3, 4]");
    assertThatThrownBy(() -> PackedFunctions.unpack(OFF, batch(), ROWS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected [1, 6, 1]");
  }
}
