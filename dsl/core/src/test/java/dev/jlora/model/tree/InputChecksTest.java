package dev.jlora.model.tree;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.model.Init;
import dev.jlora.model.ModelException;
import dev.jlora.model.layers.Layers;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InputChecksTest {
  @Test
  void one_of_a_thing_is_not_said_in_the_plural() {
    Architecture architecture =
        Architecture.named("One")
            .inputs("input_ids")
            .maxPositions(1)
            .root(Layers.named("words", Layers.embedding(1, 2, Init.ZEROS)));
    try (var _ = Scope.open()) {
      Tensor two = Tensor.of(new long[] {0, 1}, 1, 2);
      assertThatThrownBy(() -> InputChecks.ids("input_ids", two, 1))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("got id 1, expected 0 to 0 (the model's table has 1 row)");
      assertThatThrownBy(() -> InputChecks.check(architecture, Map.of("input_ids", two), 0))
          .isInstanceOf(ModelException.class)
          .hasMessage(
              "input_ids: got sequences of 2 tokens, and this model has positions for 1:"
                  + " truncate the text to 1 token");
    }
  }
}
