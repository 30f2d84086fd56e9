package dev.jlora.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.TensorMemory;
import dev.jlora.testing.GradientCheck;
import dev.jlora.testing.ScopedTensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ScopedTensors.class)
class CheckpointTest {
  private static final int WIDTH = 64;

  private Tensor x;
  private Tensor w;
  private int runs;

  @BeforeEach
  void make_leaves() {
    x = values(1, 16, WIDTH);
    w = values(2, WIDTH, WIDTH);
  }

  private static Tensor values(int seed, long rows, long columns) {
    Random random = new Random(seed);
    float[] drawn = new float[(int) (rows * columns)];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = (float) random.nextGaussian() / 8;
    }
    return Tensor.of(drawn, rows, columns);
  }

  /** A block with a residual path, dropout twice, and a norm. */
  private Tensor block(Tape tape, RandomStream random, Tensor input) {
    runs++;
    try (var _ = Scope.open()) {
      Tensor up = Functions.gelu(tape, Functions.linear(tape, input, w, null), "tanh");
      Tensor kept = Functions.dropout(tape, up, 0.2, random);
      Tensor sum = Functions.dropoutAdd(tape, kept, input, 0.1, random);
      return Scope.moveOut(Functions.layerNorm(tape, sum, null, null, 1e-5));
    }
  }

  private record Run(float[] output, float[] dx, float[] dw, long offset, long saved) {}

  private Run run(boolean checkpoint, int blocks) {
    try (var _ = Scope.open();
        var tape = Tape.recording()) {
      tape.watch(x);
      tape.watch(w);
      RandomStream random = new RandomStream(5);
      long before = TensorMemory.liveBytes();
      Tensor y = x;
      for (int i = 0; i < blocks; i++) {
        UnaryOperator<Tensor> body = input -> block(tape, random, input);
        y = checkpoint ? tape.checkpoint(random, y, body) : body.apply(y);
      }
      long saved = TensorMemory.liveBytes() - before;
      try (Gradients gradients = tape.backward(Functions.sum(tape, y, false))) {
        return new Run(
            y.toFloats(),
            gradients.of(x).toFloats(),
            gradients.of(w).toFloats(),
            random.offset(),
            saved);
      }
    }
  }

  @Test
  void gives_the_same_bits_as_a_run_without() {
    Run plain = run(false, 4);
    Run again = run(true, 4);
    assertThat(again.output()).containsExactly(plain.output());
    assertThat(again.dx()).containsExactly(plain.dx());
    assertThat(again.dw()).containsExactly(plain.dw());
    assertThat(again.offset()).isEqualTo(plain.offset());
  }

  @Test
  void keeps_the_inputs_of_sections_and_nothing_else() {
    long one = x.elements() * Float.BYTES;
    assertThat(run(true, 4).saved()).isEqualTo(4 * one); // an input each is the output of another
    assertThat(run(false, 4).saved()).isGreaterThan(8 * one);
  }

  @Test
  void every_section_runs_once_more() {
    run(true, 3);
    assertThat(runs).isEqualTo(6);
  }

  @Test
  void a_section_without_a_watched_leaf_is_not_run_again() {
    try (var tape = Tape.recording()) {
      Tensor leaf = Tensor.ones(DType.FLOAT32, WIDTH);
      tape.watch(leaf);
      RandomStream random = new RandomStream(5);
      Tensor frozen = tape.checkpoint(random, x, input -> block(tape, random, input));
      assertThat(tape.tracks(frozen)).isFalse();
      Tensor y = Functions.mul(tape, frozen, leaf);
      tape.backward(Functions.sum(tape, y, false)).close();
      assertThat(runs).isEqualTo(1);
    }
  }

  @Test
  void sections_may_lie_inside_of_sections() {
    Run plain = run(false, 2);
    try (var tape = Tape.recording()) {
      tape.watch(x);
      tape.watch(w);
      RandomStream random = new RandomStream(5);
      UnaryOperator<Tensor> inner = input -> block(tape, random, input);
      Tensor y =
          tape.checkpoint(
              random,
              x,
              input -> tape.checkpoint(random, tape.checkpoint(random, input, inner), inner));
      try (Gradients gradients = tape.backward(Functions.sum(tape, y, false))) {
        assertThat(y.toFloats()).containsExactly(plain.output());
        assertThat(gradients.of(x).toFloats()).containsExactly(plain.dx());
        assertThat(gradients.of(w).toFloats()).containsExactly(plain.dw());
      }
    }
  }

  @Test
  void a_watched_output_of_a_section_gets_its_gradient_too() {
    try (var tape = Tape.recording()) {
      tape.watch(x);
      Tensor middle = tape.checkpoint(null, x, input -> Functions.scale(tape, input, 3));
      tape.watch(middle);
      Tensor output = Functions.sum(tape, Functions.scale(tape, middle, 2), false);
      try (Gradients gradients = tape.backward(output)) {
        assertThat(gradients.of(middle).toFloats()).containsOnly(2);
        assertThat(gradients.of(x).toFloats()).containsOnly(6);
      }
    }
  }

  @Test
  void what_a_section_made_on_the_way_may_not_be_used_after_it() {
    try (var tape = Tape.recording()) {
      tape.watch(x);
      List<Tensor> leaked = new ArrayList<>();
      tape.checkpoint(
          null,
          x,
          input -> {
            leaked.add(Functions.scale(tape, input, 3));
            return Functions.scale(tape, leaked.getLast(), 2);
          });
      assertThatIllegalStateException()
          .isThrownBy(() -> Functions.scale(tape, leaked.getFirst(), 2))
          .withMessageContainingAll("[16, 64]", "return it from the checkpoint's body");
    }
  }

  @Test
  void a_tape_that_is_off_runs_the_body_and_no_more() {
    try (var tape = Tape.off()) {
      RandomStream random = new RandomStream(5);
      tape.checkpoint(random, x, input -> block(tape, random, input));
      assertThat(runs).isEqualTo(1);
    }
  }

  @Test
  void closing_without_backward_frees_the_inputs() {
    long live = Tensor.live();
    try (var _ = Scope.open();
        var tape = Tape.recording()) {
      tape.watch(x);
      tape.checkpoint(null, x, input -> Functions.scale(tape, input, 3));
    }
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void a_body_that_fails_in_backward_leaves_nothing_behind() {
    long live = Tensor.live();
    try (var _ = Scope.open();
        var tape = Tape.recording()) {
      tape.watch(x);
      Tensor y =
          tape.checkpoint(
              null,
              x,
              input -> {
                Tensor scaled = Functions.gelu(tape, input, "none");
                if (runs++ > 0) {
                  throw new IllegalStateException("once only");
                }
                return scaled;
              });
      assertThatIllegalStateException()
          .isThrownBy(() -> tape.backward(Functions.sum(tape, y, false)))
          .withMessage("once only");
    }
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void its_gradients_are_those_of_finite_differences() {
    GradientCheck.of(
            (tape, in) -> {
              RandomStream random = new RandomStream(3);
              return tape.checkpoint(
                  random,
                  in[0],
                  input -> {
                    Tensor y = Functions.tanh(tape, Functions.matmul(tape, input, in[1]));
                    return Functions.dropoutAdd(tape, y, input, 0.3, random);
                  });
            })
        .input(3, 4)
        .input(4, 4)
        .holds();
  }
}
