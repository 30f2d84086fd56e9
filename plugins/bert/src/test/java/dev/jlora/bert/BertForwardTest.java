package dev.jlora.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.model.ModelException;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.weights.CheckpointWeights;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** BERT computes what transformers computes. */
class BertForwardTest {
  static List<Golden> cases() throws IOException {
    return Golden.forwardCases();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gives_every_output_of_transformers(Golden golden) {
    try (var _ = Scope.open();
        Network network = load(golden, DType.FLOAT32)) {
      Outputs outputs =
          network.forward(
              golden.tensors("inputs.safetensors"), ForwardContext.inference().withHiddenStates());
      golden
          .tensors("expected.safetensors")
          .forEach(
              (name, expected) -> {
                if (!name.equals("loss")) {
                  assertClose(golden, name, outputs.get(name), expected);
                }
              });
    }
  }

  @Test
  void leaves_no_tensor_behind() throws IOException {
    Golden golden = Golden.open("bert-seqcls");
    long before = Tensor.live();
    try (var _ = Scope.open();
        Network network = load(golden, DType.FLOAT32)) {
      network.forward(golden.tensors("inputs.safetensors"), ForwardContext.inference());
    }
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void runs_on_the_mapped_weights_themselves() throws IOException {
    Golden golden = Golden.open("bert-seqcls");
    var checkpoint = golden.checkpoint();
    Architecture architecture =
        BertArchitectures.declare(golden.config(), BertArchitectures.SEQUENCE);
    var weights = CheckpointWeights.match(architecture, checkpoint, false, 0);
    try (Network network = Network.of(architecture, weights, DType.FLOAT32)) {
      network
          .parameters()
          .forEach(
              parameter ->
                  assertThat(parameter.value().address())
                      .as(parameter.name())
                      .isEqualTo(checkpoint.bytes(parameter.name()).address()));
    }
  }

  @Test
  void runs_in_bfloat16_near_enough_to_float32() throws IOException {
    Golden golden = Golden.open("bert-seqcls");
    try (var _ = Scope.open();
        Network network = load(golden, DType.BFLOAT16)) {
      Map<String, Tensor> batch = golden.tensors("inputs.safetensors");
      Tensor logits = network.forward(batch, ForwardContext.inference()).logits();
      float[] expected = golden.tensors("expected.safetensors").get("logits").toFloats();
      assertThat(logits.dtype()).isEqualTo(DType.BFLOAT16);
      float[] actual = logits.toFloats();
      for (int i = 0; i < expected.length; i++) {
        assertThat((double) actual[i]).isCloseTo(expected[i], within(0.05));
      }
    }
  }

  @Test
  void takes_absent_masks_and_types_as_ones_and_zeros() throws IOException {
    try (var _ = Scope.open();
        Network network = random(Golden.open("bert-base-model"))) {
      Tensor ids = Tensor.of(new long[] {5, 6, 7, 8}, 2, 2);
      Tensor ones = Tensor.of(new long[] {1, 1, 1, 1}, 2, 2);
      Tensor zeros = Tensor.zeros(DType.INT64, 2, 2);
      Outputs bare = network.forward(Map.of("input_ids", ids), ForwardContext.inference());
      Outputs full =
          network.forward(
              Map.of("input_ids", ids, "attention_mask", ones, "token_type_ids", zeros),
              ForwardContext.inference());
      assertThat(bare.get("last_hidden_state").toFloats())
          .containsExactly(full.get("last_hidden_state").toFloats());
    }
  }

  @Test
  void does_not_look_at_padding() throws IOException {
    try (var _ = Scope.open();
        Network network = random(Golden.open("bert-base-model"))) {
      Tensor mask = Tensor.of(new long[] {1, 1, 0}, 1, 3);
      Outputs one =
          network.forward(
              Map.of("input_ids", Tensor.of(new long[] {5, 6, 7}, 1, 3), "attention_mask", mask),
              ForwardContext.inference());
      Outputs other =
          network.forward(
              Map.of("input_ids", Tensor.of(new long[] {5, 6, 99}, 1, 3), "attention_mask", mask),
              ForwardContext.inference());
      assertThat(one.get("pooler_output").toFloats())
          .containsExactly(other.get("pooler_output").toFloats());
    }
  }

  @Test
  void refuses_what_it_cannot_read_before_any_native_call() throws IOException {
    try (var _ = Scope.open();
        Network network = random(Golden.open("bert-base-model"))) {
      assertThatThrownBy(() -> run(network, Tensor.zeros(DType.INT64, 1, 41)))
          .isInstanceOf(ModelException.class)
          .hasMessage(
              "input_ids: got sequences of 41 tokens, and this model has positions for 40: "
                  + "truncate the text to 40 tokens");
      assertThatThrownBy(() -> run(network, Tensor.of(new long[] {1, 131}, 1, 2)))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("input_ids: got id 131, expected 0 to 130");
      assertThatThrownBy(() -> run(network, Tensor.of(new long[] {1, -1}, 1, 2)))
          .hasMessageContaining("got id -1");
      assertThatThrownBy(() -> run(network, Tensor.zeros(DType.FLOAT32, 1, 2)))
          .hasMessageContaining("input_ids: got FLOAT32, expected INT64");
      assertThatThrownBy(() -> run(network, Tensor.zeros(DType.INT64, 3)))
          .hasMessageContaining("input_ids: got shape [3], expected [batch, tokens]");
      assertThatThrownBy(
              () ->
                  network.forward(
                      Map.of(
                          "input_ids", Tensor.zeros(DType.INT64, 1, 2),
                          "attention_mask", Tensor.zeros(DType.INT64, 1, 3)),
                      ForwardContext.inference()))
          .hasMessageContaining("attention_mask: got shape [1, 3], expected [1, 2]");
      assertThatThrownBy(() -> network.forward(Map.of(), ForwardContext.inference()))
          .hasMessageContaining("The batch has no 'input_ids'");
    }
  }

  private static void run(Network network, Tensor ids) {
    network.forward(Map.of("input_ids", ids), ForwardContext.inference());
  }

  private static Network load(Golden golden, DType dtype) {
    Architecture architecture = BertArchitectures.declare(golden.config(), golden.architecture());
    return Network.of(
        architecture, CheckpointWeights.match(architecture, golden.checkpoint(), false, 0), dtype);
  }

  private static Network random(Golden golden) {
    return Network.of(
        BertArchitectures.declare(golden.config(), golden.architecture()),
        new RandomWeights(7),
        DType.FLOAT32);
  }

  private static void assertClose(Golden golden, String name, Tensor actual, Tensor expected) {
    assertThat(actual.shape()).as(name).containsExactly(expected.shape());
    float[] got = actual.toFloats();
    float[] want = expected.toFloats();
    for (int i = 0; i < want.length; i++) {
      assertThat((double) got[i])
          .as("%s %s[%d]", golden, name, i)
          .isCloseTo(want[i], within(golden.tolerance(want[i])));
    }
  }
}
