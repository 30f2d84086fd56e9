package dev.jlora.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.kernels.UnpaddedRows;
import dev.jlora.tensor.Tensor;
import dev.jlora.testing.GradientCheck;
import dev.jlora.testing.ScopedTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Unpadding a batch and padding it again. */
@ExtendWith(ScopedTensors.class)
class UnpaddingTest {
  private static final UnpaddedRows ROWS =
      UnpaddedRows.of(4, new long[] {0, 1, 3}, new long[] {2, 3, 1});
  private static final Tape OFF = Tape.off();

  private static Tensor batch() {
    return Tensor.of(new float[] {1, 2, 0, 0, 0, 3, 4, 5, 0, 0, 0, 6}, 3, 4, 1);
  }

  @Test
  void tokens_are_unpadded_and_come_back() {
    Tensor unpadded = UnpaddedFunctions.unpad(OFF, batch(), ROWS);
    assertThat(unpadded.shape()).containsExactly(1, 6, 1);
    assertThat(unpadded.toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
    Tensor back = UnpaddedFunctions.pad(OFF, unpadded, ROWS);
    assertThat(back.shape()).containsExactly(3, 4, 1);
    assertThat(back.toFloats()).containsExactly(batch().toFloats());
    Tensor first = UnpaddedFunctions.firstTokens(OFF, unpadded, ROWS);
    assertThat(first.shape()).containsExactly(3, 1, 1);
    assertThat(first.toFloats()).containsExactly(1, 3, 6);
  }

  @Test
  void gradients_go_the_other_way() {
    GradientCheck.of((tape, in) -> UnpaddedFunctions.unpad(tape, in[0], ROWS))
        .input(3, 4, 2)
        .holds();
    GradientCheck.of((tape, in) -> UnpaddedFunctions.pad(tape, in[0], ROWS)).input(1, 6, 2).holds();
    GradientCheck.of((tape, in) -> UnpaddedFunctions.firstTokens(tape, in[0], ROWS))
        .input(1, 6, 2)
        .holds();
    GradientCheck.of(
            (tape, in) ->
                Functions.add(
                    tape,
                    UnpaddedFunctions.firstTokens(tape, in[0], ROWS),
                    UnpaddedFunctions.firstTokens(tape, Functions.tanh(tape, in[0]), ROWS)))
        .input(1, 6, 2)
        .holds();
  }

  @Test
  void other_shapes_are_refused() {
    assertThatThrownBy(
            () -> UnpaddedFunctions.unpad(OFF, Tensor.zeros(batch().dtype(), 3, 5), ROWS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected [3, 4]");
    assertThatThrownBy(() -> UnpaddedFunctions.pad(OFF, batch(), ROWS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected [1, 6, 1]");
  }
}
