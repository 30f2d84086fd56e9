package dev.jlora.engine.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Capture;
import dev.jlora.tensor.CaptureException;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** GradientPasses of shapes that come again are recorded, give the same numbers, and fall back. */
class CapturedPassesTest {
  private static final int WIDTH = 4;
  private static final int WARM = CapturedPasses.WARM_UP;

  private long live;
  private Scope weights;
  private RandomStream random;
  private List<Parameter> trained;
  private GradientSum gradients;
  private ClosureCaptureStream captures;
  private CapturedPasses passes;
  private boolean leaving;

  @BeforeEach
  void open() {
    live = Tensor.live();
    weights = Scope.detached();
    try (var _ = Scope.open()) {
      trained =
          List.of(
              Parameter.fresh("used", Tensor.of(new float[] {1, 2, 3, 4}), weights),
              Parameter.fresh("unused", Tensor.of(new float[] {5}, 1), weights));
    }
    begin();
  }

  private void begin() {
    random = new RandomStream(7);
    gradients = GradientSum.staying(trained);
    captures = new ClosureCaptureStream(this::results);
    passes = new CapturedPasses(captures, Device.CPU, random, gradients, this::pass);
  }

  @AfterEach
  void close() {
    end();
    weights.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  private void end() {
    passes.close();
    assertThat(captures.closed).isTrue();
    assertThat(captures.closedCaptures).isEqualTo(captures.made);
  }

  private List<Tensor> results() {
    List<Tensor> all = new ArrayList<>(gradients.memory());
    all.add(passes.loss());
    return all;
  }

  /** mean(dropout(x) * w): the first parameter gets a gradient, the second one none. */
  private Tensor pass(Map<String, Tensor> batch, @Nullable Tensor share, GradientSum sum) {
    try (var _ = Scope.open();
        Tape tape = Tape.recording()) {
      Tensor w = trained.getFirst().value();
      tape.watch(w);
      Tensor x = Functions.dropout(tape, batch.get("x"), 0.5, random);
      Tensor product = Functions.mul(tape, x, Functions.expand(tape, w, x.size(0), WIDTH));
      Tensor loss = Functions.mean(tape, product, false, 0, 1);
      Tensor part = share == null ? Tensor.full(1, loss.dtype(), loss.shape()) : share;
      try (Gradients found = tape.backward(loss, Ops.clone(part))) {
        sum.add(found);
      }
      if (leaving) {
        weights.adopt(Tensor.zeros(DType.FLOAT32, 3));
      }
      return Scope.moveOut(Ops.mul(loss, part));
    }
  }

  private static Tensor batch(int rows, int step) {
    float[] values = new float[rows * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = i + 100 * step;
    }
    return Tensor.of(values, rows, WIDTH);
  }

  /** A step of micro-batches with so many rows each; what it leaves, in words. */
  private String step(int number, int... rows) {
    try (var _ = Scope.open()) {
      passes.begin();
      int all = Arrays.stream(rows).sum();
      for (int count : rows) {
        passes.add(Map.of("x", batch(count, number)), (double) count / all);
      }
      assertThat(passes.gradients().tensors().get(1)).isNull();
      float[] gradient = passes.gradients().tensors().getFirst().toFloats();
      return "%s %s %s %d"
          .formatted(passes.loss().item(), gradient[0], gradient[3], random.offset());
    }
  }

  private List<String> steps(int count, IntFunction<int[]> rows) {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      found.add(step(i, rows.apply(i)));
    }
    return found;
  }

  private static CaptureException refusal() {
    try (var _ = Capture.begin(null)) {
      return catchThrowableOfType(
          CaptureException.class, () -> Capture.reject("a look at a number"));
    }
  }

  @Test
  void a_shape_that_comes_again_is_recorded_and_gives_the_numbers_of_a_run_without() {
    IntFunction<int[]> rows = i -> i % 3 == 0 ? new int[] {2, 3} : new int[] {2, 2};
    List<String> repeated = steps(12, rows);
    assertThat(captures.made).isEqualTo(2);
    assertThat(captures.reruns).isEqualTo(24 - 2 * WARM);
    assertThat(captures.asides).isEqualTo(24);
    end();

    begin();
    captures.refusal = refusal();
    assertThat(steps(12, rows)).isEqualTo(repeated);
    assertThat(captures.reruns).isZero();
  }

  @Test
  void work_that_cannot_be_recorded_runs_as_ever_and_is_not_tried_again() {
    captures.refusal = refusal();
    steps(WARM + 1, _ -> new int[] {2});

    assertThat(passes.obstacle()).isEqualTo("a look at a number cannot be captured");
    captures.refusal = new IllegalStateException("tried again");
    steps(3, _ -> new int[] {2});
    assertThat(captures.reruns).isZero();
  }

  @Test
  void a_mistake_of_ours_is_not_taken_for_an_obstacle() {
    captures.refusal = new IllegalStateException("mistake");
    steps(WARM, _ -> new int[] {2});

    assertThatThrownBy(() -> step(WARM, 2)).hasMessage("mistake");
  }

  /** 2 of 5 and 2 of 6 items: the share is set before each run, in the recording as outside. */
  @Test
  void one_recording_serves_all_shares() {
    IntFunction<int[]> rows = i -> i % 2 == 0 ? new int[] {2, 3} : new int[] {4, 2};
    List<String> repeated = steps(4 * WARM, rows);
    assertThat(captures.made).isEqualTo(3); // of 2, of 3 and of 4 rows
    end();

    begin();
    captures.refusal = refusal();
    assertThat(steps(4 * WARM, rows)).isEqualTo(repeated);
    assertThat(captures.reruns).isZero();
  }

  @Test
  void a_micro_batch_that_is_the_whole_step_is_another_shape_than_one_of_several() {
    steps(WARM + 1, _ -> new int[] {2});
    steps(1, _ -> new int[] {2, 2});

    assertThat(captures.made).isEqualTo(1);
    assertThat(captures.reruns).isEqualTo(1);
  }

  @Test
  void rare_shapes_make_room_only_for_those_that_others_do_not_miss() {
    for (int rows = 1; rows <= CapturedPasses.MOST + 1; rows++) {
      int count = rows;
      steps(WARM + 1, _ -> new int[] {count});
    }
    assertThat(captures.made).isEqualTo(CapturedPasses.MOST);

    steps(CapturedPasses.STALE, _ -> new int[] {CapturedPasses.MOST + 1});
    assertThat(passes.recordings()).isEqualTo(CapturedPasses.MOST);
    assertThat(captures.closedCaptures).isEqualTo(1);
    int reruns = captures.reruns;
    step(0, CapturedPasses.MOST);
    assertThat(captures.reruns).isEqualTo(reruns + 1);
    assertThat(captures.made).isEqualTo(CapturedPasses.MOST + 1);
    step(0, 1); // the one that made room
    assertThat(captures.made).isEqualTo(CapturedPasses.MOST + 2);
  }

  @Test
  void memory_that_was_taken_back_means_recording_anew_and_after_three_times_never() {
    steps(WARM + 2, _ -> new int[] {2});
    captures.intact = false;
    step(0, 2);
    assertThat(captures.made).isEqualTo(2);
    assertThat(captures.closedCaptures).isEqualTo(1);
    captures.intact = false;
    step(0, 2);
    captures.intact = false;
    step(0, 2);
    assertThat(captures.made).isEqualTo(3);
    assertThat(passes.obstacle()).contains("nearly full").contains("3 times");
    assertThat(passes.recordings()).isZero();
  }

  @Test
  void a_tensor_that_lives_on_from_aside_ends_all_recordings() {
    steps(WARM + 1, _ -> new int[] {2});
    leaving = true;
    step(0, 3);
    leaving = false;

    assertThat(passes.recordings()).isZero();
    assertThat(passes.obstacle()).isNull();
    step(0, 2);
    assertThat(captures.made).isEqualTo(2);
  }
}
