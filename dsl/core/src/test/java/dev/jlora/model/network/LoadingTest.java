package dev.jlora.model.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.io.Checkpoint;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.weights.CheckpointWeights;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.ops.InPlace;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint is matched with a model strictly, and every complaint names its tensor. */
class LoadingTest {
  private static final Architecture MODEL = FunnelEncoder.declare(1);

  @TempDir Path folder;
  private long live;
  private Scope scope;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  @BeforeEach
  void a_complete_checkpoint() {
    live = Tensor.live();
    scope = Scope.open();
    RandomWeights random = new RandomWeights(5);
    ModelPlan.of(MODEL).parameters().forEach((name, spec) -> tensors.put(name, random.read(spec)));
  }

  @AfterEach
  void leave_nothing() {
    scope.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void a_complete_checkpoint_is_read_where_it_lies() {
    Checkpoint checkpoint = save();
    CheckpointWeights weights = CheckpointWeights.match(MODEL, checkpoint, false, 0);
    assertThat(weights.report().line()).isEqualTo("%d tensors read".formatted(tensors.size()));
    try (Network network = Network.of(MODEL, weights, DType.FLOAT32)) {
      for (Parameter parameter : network.parameters()) {
        assertThat(parameter.value().toFloats())
            .containsExactly(tensors.get(parameter.name()).toFloats());
        assertThat(parameter.value().address())
            .isEqualTo(checkpoint.bytes(parameter.name()).address());
      }
    }
  }

  @Test
  void another_precision_is_converted_once() {
    try (Network network =
        Network.of(MODEL, CheckpointWeights.match(MODEL, save(), false, 0), DType.BFLOAT16)) {
      assertThat(network.parameters()).allMatch(p -> p.value().dtype() == DType.BFLOAT16);
    }
  }

  @Test
  void a_mapped_weight_is_copied_before_it_is_trained_and_comes_back_as_it_was() {
    try (Network network =
        Network.of(MODEL, CheckpointWeights.match(MODEL, save(), false, 0), DType.FLOAT32)) {
      Parameter weight = network.parameter("score.weight");
      float[] before = weight.value().toFloats();
      weight.trainable(true);
      InPlace.mul(weight.value(), 2);
      assertThat(weight.value().toFloats()).isNotEqualTo(before);
      assertThat(weight.loaded().toFloats()).containsExactly(before);
      weight.restore();
      assertThat(weight.value().toFloats()).containsExactly(before);
    }
  }

  @Test
  void old_names_prefixes_buffers_and_other_heads_are_understood() {
    rename(name -> name.replace("LayerNorm.weight", "LayerNorm.gamma"));
    rename(name -> name.replace("LayerNorm.bias", "LayerNorm.beta"));
    rename(name -> name.replaceFirst("^funnel\\.", ""));
    tensors.remove("score.weight");
    tensors.remove("score.bias");
    tensors.put("position_ids", Tensor.of(new long[] {0, 1}, 2));
    tensors.put("lm_head.weight", Tensor.zeros(DType.FLOAT32, 2, 2));
    CheckpointWeights weights = CheckpointWeights.match(MODEL, save(), true, 1);
    assertThat(weights.report().fresh()).containsExactly("score.weight", "score.bias");
    assertThat(weights.report().line())
        .endsWith("fresh: score (2 tensors); not used by this task: lm_head (1 tensor)");
    try (Network network = Network.of(MODEL, weights, DType.FLOAT32)) {
      assertThat(network.parameter("score.bias").value().toFloats()).containsOnly(0f);
      assertThat(network.parameter("score.weight").value().toFloats()).doesNotContain(0f);
    }
  }

  @Test
  void everything_wrong_is_named_at_once() {
    tensors.put("funnel.block.0.extra", Tensor.zeros(DType.FLOAT32, 1));
    tensors.put("funnel.wpe.weight", Tensor.zeros(DType.FLOAT32, 4, 8));
    tensors.put("funnel.block.0.qq.bias", tensors.remove("funnel.block.0.q.bias"));
    tensors.remove("score.bias");
    try (Checkpoint checkpoint = save()) {
      assertThatThrownBy(() -> CheckpointWeights.match(MODEL, checkpoint, false, 0))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("do not fit FunnelForClassification")
          .hasMessageContaining(
              "funnel.wpe.weight: the checkpoint has shape [4, 8], the model [6, 8]")
          .hasMessageContaining(
              "funnel.block.0.q.bias: not in the checkpoint"
                  + " (unread and nearest: 'funnel.block.0.qq.bias'")
          .hasMessageContaining("score.bias: not in the checkpoint")
          .hasMessageContaining(
              "funnel.block.0.extra: in the checkpoint, but not part of the model");
    }
  }

  @Test
  void fresh_weights_depend_on_seed_and_name_only() {
    ParameterSpec score = ModelPlan.of(MODEL).parameters().get("score.weight");
    assertThat(new RandomWeights(1).read(score).toFloats())
        .containsExactly(new RandomWeights(1).read(score).toFloats())
        .isNotEqualTo(new RandomWeights(2).read(score).toFloats());
  }

  private void rename(UnaryOperator<String> rename) {
    Map<String, Tensor> renamed = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> renamed.put(rename.apply(name), tensor));
    tensors.clear();
    tensors.putAll(renamed);
  }

  private Checkpoint save() {
    SafetensorsWriter.write(folder.resolve(Checkpoint.SINGLE), tensors);
    return Checkpoint.open(folder);
  }
}
