package dev.jlora.engine.steps;

import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.data.Collator;
import dev.jlora.data.Example;
import dev.jlora.model.Init;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.InputTransform;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.model.runtime.TrainingHook;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.spi.Answer;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Optimizer;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What an adapter does in a step beside its layers: inputs, a term of the loss, gradients, state.
 */
class TrainingHooksTest {
  private static final int ROWS = 6;
  private static final int WIDTH = 4;
  private static final String HEAD = "scores.weight";

  private final List<String> calls = new ArrayList<>();
  private long live;
  private Scope scope;
  private Network network;

  @BeforeEach
  void open() {
    live = Tensor.live();
    scope = Scope.open();
    network = network(DType.FLOAT32);
  }

  @AfterEach
  void close_and_leave_nothing() {
    scope.close();
    network.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void a_term_of_the_loss_counts_once_in_a_step_of_several_batches() {
    for (int batches : new int[] {1, 2}) {
      try (Network plain = network(DType.FLOAT32);
          Network penalized = network(DType.FLOAT32)) {
        Head without = plain.adapt(new Head(plain, null));
        Head with = penalized.adapt(new Head(penalized, new Penalty()));
        float[] weight = with.head.value().toFloats();
        float[] expected = gradient(plain, without, batches);
        for (int i = 0; i < weight.length; i++) {
          expected[i] += 0.5f * weight[i];
        }
        assertThat(gradient(penalized, with, batches)).containsExactly(expected, within(1e-5f));
      }
    }
  }

  /** The head's gradient in one step. */
  private float[] gradient(Network network, Head adapter, int batches) {
    float[][] seen = new float[1][];
    try (Sgd optimizer = new Sgd(adapter.parameters());
        Stepper stepper = stepper(network, adapter, optimizer)) {
      stepper.begin(1);
      List<Supplier<Map<String, Tensor>>> micro = new ArrayList<>();
      for (int i = 0; i < batches; i++) {
        micro.add(TrainingHooksTest::batch);
      }
      stepper.step(micro, gradients -> seen[0] = gradients.getFirst().toFloats());
    }
    return seen[0];
  }

  @Test
  void a_hook_is_told_of_the_run_its_gradients_and_its_updates_in_order() {
    Penalty hook = new Penalty();
    Head adapter = network.adapt(new Head(network, hook));
    try (Sgd optimizer = new Sgd(adapter.parameters());
        Stepper stepper = stepper(network, adapter, optimizer)) {
      stepper.begin(2);
      stepper.step(List.of(TrainingHooksTest::batch));
      stepper.step(List.of(TrainingHooksTest::batch));
      assertThat(calls)
          .containsExactly(
              "begin 2", "loss", "gradients 1", "updated 1", "loss", "gradients 2", "updated 2");
      Map<String, Tensor> state = stepper.state();
      assertThat(state).containsOnlyKeys("adapter.default.seen");
      float[] kept = state.get("adapter.default.seen").toFloats();
      assertThat(kept).isNotEqualTo(new float[ROWS * WIDTH]);
      Map<String, Tensor> saved = new LinkedHashMap<>();
      state.forEach((name, tensor) -> saved.put(name, Ops.clone(tensor)));
      try (Network again = network(DType.FLOAT32)) {
        Penalty other = new Penalty();
        Head resumed = again.adapt(new Head(again, other));
        try (Stepper next = stepper(again, resumed, optimizer)) {
          next.begin(2);
          next.restore(saved);
          assertThat(other.seen.toFloats()).containsExactly(kept);
        }
        other.owner.close();
      }
    }
    hook.owner.close();
  }

  /** 0.25 |W|^2, with a sum of gradients for state. */
  private final class Penalty implements TrainingHook {
    private final Scope owner = Scope.detached();
    private @Nullable Tensor seen;
    private @Nullable Parameter head;

    @Override
    public void begin(long totalSteps) {
      calls.add("begin " + totalSteps);
    }

    @Override
    public Tensor loss(Tape tape) {
      calls.add("loss");
      Tensor w = head.value();
      Tensor squares = Functions.sum(tape, Functions.mul(tape, w, w), false, 0, 1);
      return Functions.scale(tape, squares, 0.25);
    }

    @Override
    public void afterBackward(long step, Function<Parameter, @Nullable Tensor> gradients) {
      calls.add("gradients " + step);
      InPlace.add(seen, gradients.apply(head), 1);
    }

    @Override
    public void afterUpdate(long step) {
      calls.add("updated " + step);
    }

    @Override
    public Map<String, Tensor> state() {
      return Map.of("seen", seen);
    }

    @Override
    public void restore(Map<String, Tensor> saved) {
      seen.copyFrom(saved.get("seen"));
    }

    void on(Parameter parameter) {
      head = parameter;
      try (var _ = Scope.open()) {
        seen = owner.adopt(Tensor.zerosLike(parameter.value()));
      }
    }
  }

  @Test
  void virtual_tokens_come_before_the_text_and_are_trained() {
    SoftPrompt prompt = network.adapt(new SoftPrompt(network));
    float[] table = network.parameter("words.weight").value().toFloats();
    try (Tape tape = Tape.recording()) {
      ForwardContext pass = ForwardContext.recording(tape);
      Tensor logits = network.forward(batch(), pass).logits();
      assertThat(logits.shape()).containsExactly(2, 5, ROWS);
      assertThat(pass.inputs().get("labels").toLongs())
          .containsExactly(
              Collator.IGNORED,
              Collator.IGNORED,
              1,
              2,
              3,
              Collator.IGNORED,
              Collator.IGNORED,
              4,
              5,
              0);
      float[] head = network.parameter(HEAD).value().toFloats();
      float[] tokens = prompt.tokens.value().toFloats();
      long[] ids = batch().get("input_ids").toLongs();
      float[] got = logits.toFloats();
      for (int row = 0; row < 2; row++) {
        for (int place = 0; place < 5; place++) {
          float[] from = place < 2 ? tokens : table;
          int at = place < 2 ? place : (int) ids[row * 3 + place - 2];
          for (int k = 0; k < ROWS; k++) {
            double sum = 0;
            for (int i = 0; i < WIDTH; i++) {
              sum += head[k * WIDTH + i] * from[at * WIDTH + i];
            }
            assertThat((double) got[(row * 5 + place) * ROWS + k]).isCloseTo(sum, within(1e-5));
          }
        }
      }
      try (var gradients = tape.backward(logits, Tensor.ones(DType.FLOAT32, logits.shape()))) {
        assertThat(gradients.of(prompt.tokens.value()).shape()).containsExactly(2, WIDTH);
      }
    }
    float[] before = prompt.tokens.value().toFloats();
    try (Sgd optimizer = new Sgd(prompt.parameters());
        Stepper stepper = stepper(network, prompt, optimizer)) {
      stepper.step(List.of(TrainingHooksTest::batch));
    }
    assertThat(prompt.tokens.value().toFloats()).isNotEqualTo(before);
  }

  @Test
  void what_virtual_tokens_cannot_do_is_said() {
    network.adapt(new SoftPrompt(network));
    assertThatThrownBy(() -> network.merge())
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "the adapter 'default' puts virtual tokens before each text, which cannot be merged"
                + " into the weights; run it without merging");
    ForwardContext rows =
        ForwardContext.inference().withAdapters(AdapterSelection.perRow("default", null));
    assertThatThrownBy(() -> network.forward(batch(), rows))
        .hasMessageContaining("adapters by row: 'default' puts virtual tokens before each text")
        .hasMessageContaining("run it alone");
    network.attach("other", new SoftPrompt(network));
    ForwardContext both =
        ForwardContext.inference()
            .withAdapters(AdapterSelection.of(Map.of("default", 1.0, "other", 1.0)));
    assertThatThrownBy(() -> network.forward(batch(), both))
        .hasMessageContaining("'default' and 'other' each put virtual tokens before the text");
  }

  /** Trains the head in place of the base's. */
  private static class Head extends Bare {
    private final Scope owner = Scope.detached();
    private final Parameter head;
    private final @Nullable Penalty hook;

    Head(Network network, @Nullable Penalty hook) {
      this.head = network.parameter(HEAD).trainableCopy(HEAD, owner);
      this.hook = hook;
      if (hook != null) {
        hook.on(head);
      }
    }

    @Override
    public Map<String, Parameter> overrides() {
      return Map.of(HEAD, head);
    }

    @Override
    public @Nullable TrainingHook training() {
      return hook;
    }

    @Override
    public void close() {
      owner.close();
      if (hook != null && !hook.owner.closed()) {
        hook.owner.close();
      }
    }
  }

  /** Two virtual tokens before each row. */
  private static final class SoftPrompt extends Bare implements InputTransform {
    private static final long COUNT = 2;
    private final Scope owner = Scope.detached();
    private final Parameter tokens;

    SoftPrompt(Network network) {
      try (var _ = Scope.open()) {
        Tensor start = Views.slice(network.parameter("words.weight").value(), 0, 1, 1 + COUNT);
        tokens = Parameter.fresh("prompt", Ops.mul(start, 0.5), owner);
      }
    }

    @Override
    public List<Parameter> shared() {
      return List.of(tokens);
    }

    @Override
    public InputTransform inputs() {
      return this;
    }

    @Override
    public int virtualTokens() {
      return (int) COUNT;
    }

    @Override
    public Map<String, Tensor> batch(Map<String, Tensor> inputs, ForwardContext context) {
      Map<String, Tensor> longer = new LinkedHashMap<>(inputs);
      longer.computeIfPresent("input_ids", (_, ids) -> before(ids, 0));
      longer.computeIfPresent("labels", (_, labels) -> before(labels, Collator.IGNORED));
      return longer;
    }

    private static Tensor before(Tensor x, long value) {
      Tensor added = Tensor.full(value, DType.INT64, x.size(0), COUNT);
      return Functions.cat(Tape.off(), 1, added, x);
    }

    @Override
    public Tensor embeddings(Tensor rows, ForwardContext context) {
      Tape tape = context.tape();
      Tensor each = Functions.expand(tape, tokens.value(), rows.size(0), COUNT, rows.size(2));
      return Functions.cat(tape, 1, each, Functions.slice(tape, rows, 1, COUNT, rows.size(1)));
    }

    @Override
    public void close() {
      owner.close();
    }
  }

  /** An adapter without layers and files. */
  private abstract static class Bare implements Adapter {
    @Override
    public Map<String, AdapterLayer> layers() {
      return Map.of();
    }

    @Override
    public Map<String, Parameter> overrides() {
      return Map.of();
    }

    @Override
    public void save(Path folder) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void restore(Path folder) {
      throw new UnsupportedOperationException();
    }
  }

  private record Sgd(List<Parameter> parameters) implements Optimizer {
    @Override
    public void step(List<@Nullable Tensor> gradients, double learningRate) {
      for (int i = 0; i < gradients.size(); i++) {
        InPlace.add(parameters.get(i).value(), gradients.get(i), -learningRate);
      }
    }

    @Override
    public Map<String, Tensor> state() {
      return Map.of();
    }

    @Override
    public void restore(Map<String, Tensor> state) {
      assertThat(state).isEmpty();
    }

    @Override
    public void close() {}
  }

  private static Stepper stepper(Network network, Adapter adapter, Optimizer optimizer) {
    return new Stepper(
        network,
        new MeanOfLogits(),
        adapter.parameters(),
        optimizer,
        _ -> 1,
        new StepSettings(0.1, 0, 0, 0, false, true));
  }

  private record MeanOfLogits() implements Objective {
    @Override
    public Tensor loss(
        Tape tape, Outputs outputs, Map<String, Tensor> batch, double labelSmoothing) {
      assertThat(batch.get("labels").size(1)).isEqualTo(outputs.logits().size(1));
      return Functions.mean(tape, outputs.logits(), false, 0, 1, 2);
    }

    @Override
    public PredictionCollector collector() {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<String> defaultMetrics() {
      return List.of();
    }

    @Override
    public List<Answer> answers(
        Outputs outputs, Map<String, Tensor> batch, List<Example> examples) {
      throw new UnsupportedOperationException();
    }
  }

  private static Map<String, Tensor> batch() {
    return Map.of(
        "input_ids", Tensor.of(new long[] {1, 2, 3, 4, 5, 0}, 2, 3),
        "labels", Tensor.of(new long[] {1, 2, 3, 4, 5, 0}, 2, 3));
  }

  private static Network network(DType dtype) {
    Architecture architecture =
        Architecture.named("Tiny")
            .inputs("input_ids")
            .root(
                named("words", lookup("input_ids", embedding(ROWS, WIDTH, Init.normal(0.5)))),
                named("scores", output("logits", linear(WIDTH, ROWS, Init.normal(0.5)))));
    return Network.of(architecture, new RandomWeights(4), dtype);
  }
}
