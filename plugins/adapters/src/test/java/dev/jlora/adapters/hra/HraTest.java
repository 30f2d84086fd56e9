package dev.jlora.adapters.hra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.adapters.TinyEncoder;
import dev.jlora.io.Json;
import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spec.Bias;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How HRA's reflections start. */
class HraTest {
  @TempDir Path folder;

  private static final HraMethod HRA = new HraMethod();

  @Test
  void an_even_number_of_reflections_starts_in_pairs() {
    float[] u = vectors(query().rank(4).build());
    for (int row = 0; row < 8; row++) {
      assertThat(u[row * 4]).isEqualTo(u[row * 4 + 1]);
      assertThat(u[row * 4 + 2]).isEqualTo(u[row * 4 + 3]);
      assertThat(u[row * 4]).isNotEqualTo(u[row * 4 + 2]);
      assertThat(u[row * 4]).isBetween((float) -Math.sqrt(0.5), (float) Math.sqrt(0.5));
    }
  }

  @Test
  void others_are_all_different() {
    for (HraSpec spec :
        List.of(
            query().rank(3).build(),
            query().rank(4).init(false).build(),
            query().rank(4).applyGs(true).build())) {
      assertThat(vectors(spec)).as(spec.toString()).doesNotHaveDuplicates();
    }
  }

  @Test
  void a_convolution_reflects_its_windows() {
    TargetModule patches =
        new TargetModule("patches", TargetModule.Kind.CONVOLUTION, 3, 8, true, false, 4, 4);
    assertThat(HraTarget.of(patches, HraSpec.defaults()).parameters().getFirst().shape())
        .containsExactly(48, 8);
  }

  @Test
  void biases_of_targets_keep_the_name_that_peft_has_for_them() {
    try (Network network = TinyEncoder.network(DType.FLOAT32);
        Adapter adapter = plan(query().bias(Bias.LORA_ONLY).build()).create(network)) {
      adapter.save(folder);
      Path file = folder.resolve(PeftConfig.FILE);
      ObjectNode json = Json.readObject(file);
      assertThat(json.path("bias").asText()).isEqualTo("lora_only");
      Json.write(file, json.put("bias", "hra_only"));
      assertThat(HRA.read(folder).bias()).isEqualTo(Bias.LORA_ONLY);
      try (Adapter read = HRA.saved(network.plan(), folder).read(network, folder)) {
        read.save(folder.resolve("again"));
        assertThat(folder.resolve("again").resolve(PeftConfig.FILE)).hasSameTextualContentAs(file);
      }
    }
  }

  @Test
  void more_orthogonal_vectors_than_inputs_are_refused() {
    assertThatThrownBy(() -> plan(query().rank(9).applyGs(true).build()))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "rank: got 9 with apply_gs, expected at most the 8 inputs of"
                + " tiny.layer.0.self.query");
    assertThatThrownBy(() -> HraSpec.builder().rank(0).build())
        .hasMessageContaining("hra.rank: got 0, expected 1 to 65536 (8 is a common choice)");
  }

  private static HraSpec.Builder query() {
    return HraSpec.builder().targets("query");
  }

  private static float[] vectors(HraSpec spec) {
    try (Network network = TinyEncoder.network(DType.FLOAT32);
        Adapter adapter = plan(spec).create(network)) {
      return adapter.parameters().getFirst().value().toFloats();
    }
  }

  private static TargetedPlan<HraSpec> plan(HraSpec spec) {
    return HRA.plan(TinyEncoder.plan(), spec, new AdapterContext("", List.of(), 1, "tiny"));
  }
}
