package dev.jlora.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.testing.ScopedTensors;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ScopedTensors.class)
class TapeTest {
  private Tensor x;

  @BeforeEach
  void make_a_leaf() {
    x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
  }

  /** Ten times its input; notes how many tensors live when its backward runs. */
  private record Probe(List<Long> liveInBackward) implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      context.save(Tensor.ones(DType.FLOAT32, 100));
      return Ops.mul(inputs[0], 10);
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      liveInBackward.add(Tensor.live());
      return new Tensor[] {Ops.mul(g, 10)};
    }
  }

  @Test
  void records_only_what_depends_on_a_watched_leaf() {
    try (var tape = Tape.recording()) {
      Tensor frozen = Functions.gelu(tape, x, "none");
      assertThat(tape.tracks(frozen)).isFalse();
      Tensor leaf = Tensor.ones(DType.FLOAT32, 2, 2);
      tape.watch(leaf);
      assertThat(tape.tracks(Functions.mul(tape, frozen, leaf))).isTrue();
    }
  }

  @Test
  void frozen_layers_save_nothing() {
    try (var tape = Tape.recording()) {
      tape.watch(Tensor.ones(DType.FLOAT32, 1));
      long live = Tensor.live();
      Functions.gelu(tape, x, "none").close();
      Functions.layerNorm(tape, x, null, null, 1e-5).close();
      assertThat(Tensor.live()).isEqualTo(live);
    }
  }

  @Test
  void a_tape_that_is_off_tracks_nothing() {
    try (var tape = Tape.off()) {
      tape.watch(x);
      assertThat(tape.tracks(Functions.tanh(tape, x))).isFalse();
      assertThat(tape.isRecording()).isFalse();
    }
  }

  @Test
  void callers_may_close_their_tensors_before_backward() {
    try (var tape = Tape.recording()) {
      tape.watch(x);
      Tensor squared = Functions.mul(tape, x, x);
      Tensor active = Functions.gelu(tape, squared, "tanh");
      squared.close();
      Tensor loss = Functions.sum(tape, active, false);
      active.close();
      try (var gradients = tape.backward(loss)) {
        assertThat(gradients.of(x).toFloats()).hasSize(4).doesNotContain(0);
      }
    }
  }

  @Test
  void a_saved_tensor_dies_when_its_backward_has_run() {
    List<Long> live = new ArrayList<>();
    try (var tape = Tape.recording()) {
      tape.watch(x);
      Tensor y = x;
      for (int i = 0; i < 4; i++) {
        y = tape.apply(new Probe(live), y);
      }
      tape.backward(y, Tensor.ones(DType.FLOAT32, 2, 2)).close();
    }
    assertThat(live).hasSize(4);
    for (int i = 1; i < 4; i++) {
      assertThat(live.get(i)).isEqualTo(live.get(i - 1) - 1);
    }
  }

  @Test
  void closing_without_backward_frees_everything() {
    long live = Tensor.live();
    try (var _ = Scope.open();
        var tape = Tape.recording()) {
      tape.watch(x);
      Functions.softmax(tape, Functions.mul(tape, x, x), -1);
      assertThat(Tensor.live()).isGreaterThan(live);
    }
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void gradients_of_leaves_share_no_memory() {
    try (var tape = Tape.recording()) {
      Tensor other = Tensor.ones(DType.FLOAT32, 2, 2);
      tape.watch(x);
      tape.watch(other);
      Tensor g = Tensor.ones(DType.FLOAT32, 2, 2);
      try (var gradients = tape.backward(Functions.add(tape, x, other), g)) {
        InPlace.mul(gradients.of(x), 5);
        assertThat(gradients.of(other).toFloats()).containsOnly(1);
        assertThat(g.toFloats()).containsOnly(1);
        assertThat(gradients.size()).isEqualTo(2);
      }
    }
  }

  @Test
  void a_gradient_that_two_inputs_share_is_not_written_to() {
    try (var tape = Tape.recording()) {
      Tensor other = Tensor.ones(DType.FLOAT32, 2, 2);
      tape.watch(x);
      tape.watch(other);
      Tensor scaled = Functions.scale(tape, x, 2);
      Tensor sum = Functions.add(tape, scaled, other);
      Tensor twice = Functions.add(tape, sum, scaled);
      Tensor output = Functions.scale(tape, twice, 1);
      try (var gradients = tape.backward(output, Tensor.ones(DType.FLOAT32, 2, 2))) {
        assertThat(gradients.of(x).toFloats()).containsOnly(4);
        assertThat(gradients.of(other).toFloats()).containsOnly(1);
      }
    }
  }

  @Test
  void a_watched_intermediate_gets_its_gradient_too() {
    try (var tape = Tape.recording()) {
      tape.watch(x);
      Tensor middle = Functions.scale(tape, x, 3);
      tape.watch(middle);
      Tensor output = Functions.scale(tape, middle, 2);
      try (var gradients = tape.backward(output, Tensor.ones(DType.FLOAT32, 2, 2))) {
        assertThat(gradients.of(middle).toFloats()).containsOnly(2);
        assertThat(gradients.of(x).toFloats()).containsOnly(6);
      }
    }
  }

  @Test
  void a_leaf_that_the_loss_does_not_reach_has_no_gradient() {
    try (var tape = Tape.recording()) {
      Tensor unused = Tensor.ones(DType.FLOAT32, 1);
      tape.watch(x);
      tape.watch(unused);
      try (var gradients = tape.backward(Functions.sum(tape, x, false))) {
        assertThat(gradients.of(unused)).isNull();
        assertThat(gradients.of(x).toFloats()).containsOnly(1);
      }
    }
  }

  @Test
  void backward_runs_once() {
    try (var tape = Tape.recording()) {
      tape.watch(x);
      Tensor loss = Functions.sum(tape, x, false);
      tape.backward(loss).close();
      assertThatIllegalStateException()
          .isThrownBy(() -> tape.backward(loss))
          .withMessageContaining("backward has run on this tape; record a new one");
    }
  }

  @Test
  void a_loss_that_depends_on_no_leaf_is_refused() {
    try (var tape = Tape.recording()) {
      Tensor loss = Functions.sum(tape, x, false);
      assertThatIllegalStateException()
          .isThrownBy(() -> tape.backward(loss))
          .withMessageContaining("watch the trainable tensors before the forward pass");
    }
  }

  @Test
  void an_output_of_several_elements_is_no_loss() {
    try (var tape = Tape.recording()) {
      tape.watch(x);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> tape.backward(Functions.tanh(tape, x)))
          .withMessageContainingAll("[2, 2]", "expected one element");
    }
  }

  @Test
  void integer_leaves_are_refused() {
    try (var tape = Tape.recording()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> tape.watch(Tensor.of(new long[] {1}, 1)))
          .withMessageContaining("INT64");
    }
  }

  @Test
  void a_function_whose_backward_fails_leaves_nothing_behind() {
    long live = Tensor.live();
    try (var _ = Scope.open();
        var tape = Tape.recording()) {
      Tensor leaf = Tensor.ones(DType.FLOAT32, 2);
      tape.watch(leaf);
      Tensor y = tape.apply(new NoGradient(), leaf);
      assertThatIllegalStateException()
          .isThrownBy(() -> tape.backward(Functions.sum(tape, y, false)))
          .withMessage("NoGradient: backward returned no gradient for input 0, which needs one");
    }
    assertThat(Tensor.live()).isEqualTo(live);
  }

  private record NoGradient() implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      context.save(inputs[0]);
      return Ops.neg(inputs[0]);
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      return new Tensor[] {null};
    }
  }

  @Test
  void a_recording_tape_tells_of_products_with_frozen_weights() {
    List<FrozenProduct> told = new ArrayList<>();
    try (var _ = Scope.open();
        var tape = Tape.recording(told::add)) {
      Tensor x = Tensor.ones(DType.FLOAT32, 2, 3, 4);
      Tensor frozen = Tensor.ones(DType.FLOAT32, 5, 4);
      Tensor trained = Tensor.ones(DType.FLOAT32, 5, 5);
      Tensor last = Tensor.ones(DType.FLOAT32, 5, 7);
      tape.watch(trained);
      Tensor y = Functions.linear(tape, x, frozen, null);
      Functions.linear(tape, Functions.linear(tape, y, trained, null), last, null, true);

      assertThat(told)
          .containsExactly(
              new FrozenProduct(6, frozen, null, false, false),
              new FrozenProduct(6, last, null, true, true));
      assertThat(told.get(1).in()).isEqualTo(5);
      assertThat(told.get(1).out()).isEqualTo(7);
    }
  }

  @Test
  void slices_of_one_tensor_share_the_memory_of_its_gradient() {
    try (var _ = Scope.open();
        var tape = Tape.recording()) {
      Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
      tape.watch(x);
      Tensor y = Functions.scale(tape, x, 1);
      Tensor left = Functions.slice(tape, y, 1, 0, 2);
      Tensor right = Functions.slice(tape, y, 1, 1, 3);
      Tensor product = Functions.sum(tape, Functions.mul(tape, left, right), false);
      try (Gradients gradients = tape.backward(product)) {
        assertThat(gradients.of(x).toFloats()).containsExactly(2, 4, 2, 5, 10, 5);
      }
    }
  }
}
