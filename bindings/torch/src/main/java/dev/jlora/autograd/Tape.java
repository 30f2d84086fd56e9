package dev.jlora.autograd;

import dev.jlora.profile.Profiler;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Records functions as they run and differentiates them in reverse, once.
 *
 * <pre>{@code
 * try (var _ = Scope.open(); var tape = Tape.recording()) {
 *   tape.watch(weight);
 *   Tensor loss = Functions.mse(tape, Functions.linear(tape, x, weight, null), target);
 *   try (Gradients gradients = tape.backward(loss)) {
 *     update(weight, gradients.of(weight));
 *   } }
 * }</pre>
 *
 * <p>Only functions that depend on a watched leaf are recorded: frozen layers below the first
 * trainable one cost nothing extra. The tape holds its own handles to the tensors that backward
 * needs; callers may close theirs. Closing the tape without a backward frees everything. Confined
 * to one thread.
 */
public final class Tape implements AutoCloseable {
  private enum State {
    OFF,
    RECORDING,
    SPENT,
    CLOSED
  }

  private final Set<Long> leaves = new HashSet<>();
  private final Set<Long> tracked = new HashSet<>();
  private final Set<Long> forgotten = new HashSet<>();
  private final @Nullable Scope keeper;
  private final @Nullable Consumer<FrozenProduct> products;
  private List<Node> nodes = new ArrayList<>();
  private State state;

  /** The tracked outputs of the checkpointed section that is running; null outside of one. */
  private @Nullable Set<Long> section;

  private Tape(State state, @Nullable Consumer<FrozenProduct> products) {
    this.state = state;
    this.products = products;
    this.keeper = state == State.RECORDING ? Scope.detached() : null;
  }

  /** A tape that records everything that depends on its watched leaves. */
  public static Tape recording() {
    return new Tape(State.RECORDING, null);
  }

  /** A recording tape that reports every product with a frozen weight before it is computed. */
  public static Tape recording(Consumer<FrozenProduct> products) {
    return new Tape(State.RECORDING, products);
  }

  /** A tape for evaluation: functions only run forward, and nothing is saved. */
  public static Tape off() {
    return new Tape(State.OFF, null);
  }

  /** Whether this tape can record, that is, whether a backward may follow. */
  public boolean isRecording() {
    return state == State.RECORDING;
  }

  /**
   * Requests the gradient of {@code leaf}. Does nothing on a tape that is off.
   *
   * @throws IllegalArgumentException if the leaf has no floating dtype
   */
  public void watch(Tensor leaf) {
    if (state == State.OFF) {
      return;
    }
    requireRecording("watch a leaf");
    if (!leaf.dtype().floating()) {
      throw new IllegalArgumentException(
          "watch: got a tensor of dtype "
              + leaf.dtype()
              + " and shape "
              + Arrays.toString(leaf.shape())
              + ", expected a floating dtype; only such tensors have gradients");
    }
    leaves.add(leaf.key());
    tracked.add(leaf.key());
  }

  /** Whether {@code tensor} is a watched leaf or was computed from one on this tape. */
  public boolean tracks(@Nullable Tensor tensor) {
    return tensor != null && tracked.contains(tensor.key());
  }

  /**
   * Runs a function, and records it if one of its inputs is tracked.
   *
   * @param inputs the function's inputs; null for an absent optional input
   * @return the output, owned by the current scope; the caller may close it as soon as no later
   *     call uses it as an input
   */
  public Tensor apply(Function function, @Nullable Tensor... inputs) {
    if (state == State.SPENT || state == State.CLOSED) {
      requireRecording("apply " + function.name());
    }
    boolean[] needs = new boolean[inputs.length];
    boolean any = false;
    if (state == State.RECORDING) {
      for (int i = 0; i < inputs.length; i++) {
        needs[i] = tracks(inputs[i]);
        any |= needs[i];
        requireKnown(function, inputs[i]);
      }
    }
    boolean recorded = any && section == null;
    Application application = new Application(function, needs, inputs, recorded ? keeper : null);
    if (products != null) {
      FrozenProduct product = function.frozenProduct(application, inputs);
      if (product != null) {
        products.accept(product);
      }
    }
    Tensor output = run(application, inputs);
    if (any) {
      tracked.add(output.key());
    }
    if (recorded) {
      application.outputKey(output.key());
      nodes.add(application);
    } else if (any) {
      section.add(output.key());
    }
    return output;
  }

  /**
   * Runs a section of the computation and keeps only its input. Backward runs it again and records
   * it, so that tensors saved by its functions exist only while the section is differentiated.
   * Results and gradients equal those without a checkpoint, bit for bit. A section that does not
   * depend on a watched leaf is not run again.
   *
   * @param random the stream that the body draws from, null if it draws nothing
   * @param input of the body
   * @param body a deterministic computation. Other tensors that it reads must be open when backward
   *     runs; of the tensors that it creates, only the result may be used on this tape
   * @return the result of the body
   */
  public Tensor checkpoint(
      @Nullable RandomStream random, Tensor input, UnaryOperator<Tensor> body) {
    if (state != State.RECORDING || section != null) {
      return body.apply(input);
    }
    long offset = random == null ? 0 : random.offset();
    Set<Long> inner = new HashSet<>();
    section = inner;
    Tensor output;
    try {
      output = body.apply(input);
    } finally {
      section = null;
    }
    if (inner.remove(output.key())) {
      nodes.add(new Checkpoint(body, input, random, offset, output.key(), keeper));
    }
    tracked.removeAll(inner);
    forgotten.addAll(inner);
    return output;
  }

  /** Runs a section of {@link #checkpoint} again and records it. */
  Checkpoint.Recorded recordAgain(Checkpoint section) {
    List<Node> around = nodes;
    State before = state;
    nodes = new ArrayList<>();
    state = State.RECORDING;
    try (var _ = Scope.open()) {
      Tensor output = section.run();
      return new Checkpoint.Recorded(nodes, output.key());
    } finally {
      nodes = around;
      state = before;
    }
  }

  private static Tensor run(Application application, @Nullable Tensor... inputs) {
    Function function = application.function();
    try (var _ = Profiler.enter(function.phase(), function.name());
        var _ = Scope.open()) {
      Tensor output = function.forward(application, inputs);
      for (Tensor input : inputs) {
        if (input != null && input.key() == output.key()) {
          throw new IllegalStateException(
              function.name()
                  + ": forward returned one of its inputs; return a new tensor or a view of it");
        }
      }
      return Scope.moveOut(output);
    } catch (RuntimeException | Error failure) {
      application.release();
      throw failure;
    }
  }

  /**
   * Differentiates a loss of one element. Tensors saved for a function are freed as soon as its
   * backward has run; the tape cannot be used afterwards.
   *
   * @return the gradients of the watched leaves, owned by the caller
   */
  public Gradients backward(Tensor loss) {
    if (loss.elements() != 1) {
      throw new IllegalArgumentException(
          "backward: got an output of shape "
              + Arrays.toString(loss.shape())
              + ", expected one element; reduce it to a loss or pass the gradient of the output");
    }
    try (var _ = Scope.open()) {
      return backward(loss, Tensor.ones(loss.dtype(), loss.device(), loss.shape()));
    }
  }

  /**
   * Differentiates {@code output} for a given gradient of it (same shape and dtype).
   *
   * @return the gradients of the watched leaves, owned by the caller
   * @throws IllegalStateException if the output depends on no watched leaf, or backward has run on
   *     this tape already
   */
  public Gradients backward(Tensor output, Tensor gradOutput) {
    requireRecording("run backward");
    if (!tracks(output)) {
      throw new IllegalStateException(
          "backward: the output of shape "
              + Arrays.toString(output.shape())
              + " depends on no watched leaf; watch the trainable tensors before the forward pass");
    }
    if (!Arrays.equals(output.shape(), gradOutput.shape())
        || output.dtype() != gradOutput.dtype()) {
      throw new IllegalArgumentException(
          "backward: got a gradient of shape %s and dtype %s, expected those of the output: %s, %s"
              .formatted(
                  Arrays.toString(gradOutput.shape()),
                  gradOutput.dtype(),
                  Arrays.toString(output.shape()),
                  output.dtype()));
    }
    state = State.SPENT;
    return new BackwardPass(this, leaves).run(nodes, output.key(), gradOutput);
  }

  private void requireKnown(Function function, @Nullable Tensor input) {
    if (input != null && forgotten.contains(input.key())) {
      throw new IllegalStateException(
          "%s: got a tensor of shape %s that was created inside a checkpoint, which keeps nothing;"
                  .formatted(function.name(), Arrays.toString(input.shape()))
              + " return it from the checkpoint's body, or run the body without checkpoint");
    }
  }

  private void requireRecording(String action) {
    if (state == State.RECORDING) {
      return;
    }
    String reason =
        switch (state) {
          case OFF -> "this tape is off; use Tape.recording()";
          case SPENT -> "backward has run on this tape; record a new one";
          default -> "this tape is closed; make a new one";
        };
    throw new IllegalStateException("cannot " + action + ": " + reason);
  }

  /** Frees everything that is still saved. Idempotent. */
  @Override
  public void close() {
    if (state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    nodes.clear();
    tracked.clear();
    forgotten.clear();
    leaves.clear();
    if (keeper != null) {
      keeper.close();
    }
  }
}
