package dev.jlora.model.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A declared model runs, forward and backward, and leaves nothing behind. */
class NetworkTest {
  private long live;
  private Scope scope;
  private Network network;

  @BeforeEach
  void open() {
    live = Tensor.live();
    scope = Scope.open();
    network = Network.of(FunnelEncoder.declare(2), new RandomWeights(3), DType.FLOAT32);
  }

  @AfterEach
  void close() {
    scope.close();
    network.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void dropout_is_off_in_inference_and_repeats_with_its_seed_in_training() {
    float[] quiet = network.forward(batch(), ForwardContext.inference()).logits().toFloats();
    assertThat(network.forward(batch(), ForwardContext.inference()).logits().toFloats())
        .containsExactly(quiet);
    float[] seven = train(7);
    assertThat(train(7)).containsExactly(seven);
    assertThat(train(8)).isNotEqualTo(seven);
    assertThat(seven).isNotEqualTo(quiet);
  }

  @Test
  void hidden_states_are_handed_out_when_wanted() {
    assertThat(network.forward(batch(), ForwardContext.inference()).tensors())
        .containsOnlyKeys("logits");
    Outputs outputs = network.forward(batch(), ForwardContext.inference().withHiddenStates());
    assertThat(outputs.tensors())
        .containsOnlyKeys("hidden_states.0", "hidden_states.1", "hidden_states.2", "logits");
    assertThat(outputs.get("hidden_states.1").shape()).containsExactly(2, 3, 8);
    assertThatThrownBy(() -> outputs.get("pooler_output"))
        .hasMessageContaining("no output 'pooler_output'; it gives 'hidden_states.0'");
  }

  @Test
  void an_unknown_parameter_is_answered_with_the_nearest() {
    assertThatThrownBy(() -> network.parameter("scores.weight"))
        .hasMessageContaining("FunnelForClassification has no parameter 'scores.weight'")
        .hasMessageContaining("'score.weight'");
  }

  @Test
  void every_parameter_can_be_trained() {
    network.parameters().forEach(parameter -> parameter.trainable(true));
    try (Tape tape = Tape.recording()) {
      ForwardContext pass = ForwardContext.training(tape, new RandomStream(1));
      Tensor logits = network.forward(batch(), pass).logits();
      try (Gradients gradients = tape.backward(logits, Tensor.ones(DType.FLOAT32, 2, 2))) {
        assertThat(network.trainable()).hasSameSizeAs(network.parameters());
        for (Parameter parameter : network.trainable()) {
          assertThat(gradients.of(parameter.value()))
              .as(parameter.name())
              .isNotNull()
              .extracting(Tensor::shape)
              .isEqualTo(parameter.value().shape());
        }
      }
    }
  }

  private float[] train(long seed) {
    try (Tape tape = Tape.recording()) {
      ForwardContext pass = ForwardContext.training(tape, new RandomStream(seed));
      return network.forward(batch(), pass).logits().toFloats();
    }
  }

  private static Map<String, Tensor> batch() {
    return Map.of(
        "input_ids", Tensor.of(new long[] {1, 2, 3, 4, 5, 0}, 2, 3),
        "attention_mask", Tensor.of(new long[] {1, 1, 1, 1, 1, 0}, 2, 3));
  }
}
