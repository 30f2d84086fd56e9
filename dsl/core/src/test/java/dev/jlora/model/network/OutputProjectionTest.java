package dev.jlora.model.network;

import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.outputProjection;
import static dev.jlora.model.layers.Layers.tied;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Init;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.model.runtime.Projection;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Scores of a vocabulary are computed when somebody asks for them, and not twice. */
class OutputProjectionTest {
  private static final int WIDTH = 4;
  private static final int WORDS = 9;

  private long live;
  private Scope scope;
  private Network network;

  @BeforeEach
  void open() {
    live = Tensor.live();
    scope = Scope.open();
    Layer words = named("words", lookup("input_ids", embedding(WORDS, WIDTH, Init.normal(1))));
    Layer head = named("head", outputProjection("logits", tied("words.weight", WIDTH, WORDS)));
    Architecture model =
        Architecture.named("Echo").inputs("input_ids").basePrefix("words").root(words, head);
    network = Network.of(model, new RandomWeights(3), DType.FLOAT32);
  }

  @AfterEach
  void close() {
    scope.close();
    network.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  private Outputs forward(Tape tape) {
    Tensor ids = Tensor.of(new long[] {1, 2, 8, 0, 5, 5}, 2, 3);
    return network.forward(Map.of("input_ids", ids), ForwardContext.recording(tape));
  }

  @Test
  void who_asks_gets_them_in_the_scope_of_the_pass() {
    Outputs outputs = forward(Tape.off());
    assertThat(outputs.names()).containsExactly("logits");
    Tensor logits;
    try (var _ = Scope.open()) {
      logits = outputs.logits();
    }
    assertThat(logits.shape()).containsExactly(2, 3, WORDS);
    assertThat(outputs.logits()).isSameAs(logits);
    assertThat(outputs.tensors()).containsExactly(Map.entry("logits", logits));
    assertThat(outputs.projection("logits")).isNull();
    assertThatThrownBy(() -> outputs.get("pooler_output"))
        .hasMessageContaining("no output 'pooler_output'; it gives 'logits'");
  }

  @Test
  void a_loss_can_have_the_factors_instead() {
    Outputs outputs = forward(Tape.off());
    Projection open = outputs.projection("logits");
    Tensor product = Functions.linear(Tape.off(), open.x(), open.weight(), open.bias());
    assertThat(product.toFloats()).containsExactly(outputs.logits().toFloats());
  }

  @Test
  void those_of_the_last_tokens_come_alone() {
    Outputs outputs = forward(Tape.off());
    float[] last = outputs.lastLogits().toFloats();
    assertThat(outputs.projection("logits")).isNotNull();
    float[] all = outputs.logits().toFloats();
    assertThat(last).hasSize(2 * WORDS);
    for (int row = 0; row < 2; row++) {
      for (int word = 0; word < WORDS; word++) {
        float one = all[(3 * row + 2) * WORDS + word];
        assertThat(last[row * WORDS + word]).isCloseTo(one, within(1e-6f));
      }
    }
    assertThat(Ops.contiguous(outputs.lastLogits()).toFloats()).hasSize(2 * WORDS);
  }

  @Test
  void a_head_that_is_trained_is_computed_at_once() {
    network.parameter("words.weight").trainable(true);
    try (Tape tape = Tape.recording()) {
      Outputs outputs = forward(tape);
      assertThat(outputs.projection("logits")).isNull();
      assertThat(tape.tracks(outputs.logits())).isTrue();
    }
  }
}
