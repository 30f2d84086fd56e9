package dev.jlora.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.autograd.Tape;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.spi.Answer;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two texts of three tokens with vectors of two numbers; the second text has one token less. */
class FeatureExtractionTest {
  private static final float[] HIDDEN = {1, 2, 3, 4, 5, 9, 10, 20, 30, 40, 700, 900};

  @Test
  void the_mean_is_over_tokens_that_are_there() {
    assertThat(vectors(FeatureExtraction.mean(), true))
        .containsExactly(List.of(3f, 5f), List.of(20f, 30f));
    assertThat(vectors(FeatureExtraction.mean(), false).getFirst()).containsExactly(3f, 5f);
  }

  @Test
  void the_first_token_stands_for_all() {
    assertThat(vectors(FeatureExtraction.firstToken(), true))
        .containsExactly(List.of(1f, 2f), List.of(10f, 20f));
  }

  @Test
  void the_last_token_is_the_last_that_is_there() {
    assertThat(vectors(FeatureExtraction.lastToken(), true))
        .containsExactly(List.of(5f, 9f), List.of(30f, 40f));
    assertThat(vectors(FeatureExtraction.lastToken(), false).getLast()).containsExactly(700f, 900f);
  }

  @Test
  void there_is_nothing_to_train() {
    var vectors = new FeatureVectors(FeatureVectors.Pooling.MEAN);
    assertThatThrownBy(() -> vectors.loss(Tape.off(), new Outputs(Map.of()), Map.of(), 0))
        .hasMessageContaining("train another task");
  }

  private static List<List<Float>> vectors(FeatureExtraction task, boolean masked) {
    try (var _ = Scope.open()) {
      var outputs = new Outputs(Map.of("last_hidden_state", Tensor.of(HIDDEN, 2, 3, 2)));
      Tensor mask = Tensor.of(new long[] {1, 1, 1, 1, 1, 0}, 2, 3);
      Map<String, Tensor> batch = masked ? Map.of("attention_mask", mask) : Map.of();
      return task.vectors().answers(outputs, batch, List.of()).stream()
          .map(Answer::vector)
          .toList();
    }
  }
}
