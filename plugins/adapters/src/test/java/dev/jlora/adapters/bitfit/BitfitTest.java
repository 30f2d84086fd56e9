package dev.jlora.adapters.bitfit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.adapters.TinyEncoder;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spec.SpecException;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** BitFit trains biases, all or chosen ones, and saves them under their own names. */
class BitfitTest {
  private static final BitfitMethod METHOD = new BitfitMethod();

  @TempDir Path folder;
  private long live;
  private Scope scope;
  private Network network;

  @BeforeEach
  void open() {
    live = Tensor.live();
    scope = Scope.open();
    network = TinyEncoder.network(DType.FLOAT32);
  }

  @AfterEach
  void close_and_leave_nothing() {
    scope.close();
    network.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void without_targets_every_bias_is_trained() {
    TargetedPlan<BitfitSpec> plan = plan(BitfitSpec.defaults());
    Adapter adapter = network.adapt(plan.create(network));
    List<String> biases =
        network.parameters().stream()
            .map(Parameter::name)
            .filter(name -> name.endsWith("bias"))
            .toList();
    assertThat(biases).hasSize(2 * 8 + 1);
    assertThat(adapter.parameters()).extracting(Parameter::name).containsAll(biases);
    assertThat(adapter.parameters()).hasSize(biases.size() + 1); // and the head's weight
    assertThat(plan.summary().all()).isEqualTo(network.plan().elements() + 8 * 3 + 3);
    adapter.save(folder);
    assertThat(keys()).contains("base_model.model.tiny.layer.1.output.LayerNorm.bias");
    assertThat(Json.readObject(folder.resolve(PeftConfig.FILE)).path("peft_type").asText())
        .isEqualTo("BITFIT");
    assertThat(Json.readObject(folder.resolve(PeftConfig.FILE)).path("target_modules").isNull())
        .isTrue();
    assertThat(METHOD.read(folder)).isEqualTo(BitfitSpec.defaults());
  }

  @Test
  void with_targets_their_biases_alone_are_trained() {
    BitfitSpec spec = BitfitSpec.builder().targets("query", "norm").layers(1).build();
    TargetedPlan<BitfitSpec> plan = plan(spec);
    assertThat(plan.summary().targets())
        .containsExactly("tiny.layer.1.self.query", "tiny.layer.1.norm");
    try (Adapter adapter = plan.create(network)) {
      adapter.save(folder);
    }
    assertThat(keys())
        .containsExactlyInAnyOrder(
            "base_model.model.tiny.layer.1.self.query.bias",
            "base_model.model.tiny.layer.1.norm.bias",
            "base_model.model.classifier.weight",
            "base_model.model.classifier.bias");
    assertThat(METHOD.read(folder)).isEqualTo(spec);
  }

  @Test
  void a_module_without_a_bias_and_exclusions_without_targets_are_refused() {
    assertThatThrownBy(() -> plan(BitfitSpec.builder().targets("words").build()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("names tiny.words, which is an embedding");
    var plain = new TargetModule("plain", TargetModule.Kind.LINEAR, 4, 4, false, false);
    assertThatThrownBy(
            () ->
                METHOD
                    .targets(BitfitSpec.builder().targets("plain").build())
                    .target(plain, List.of("plain")))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "target_modules: BitFit trains biases, and plain has none; exclude it, or name others");
    assertThatThrownBy(() -> BitfitSpec.builder().exclude("query").build())
        .isInstanceOf(SpecException.class)
        .hasMessageContaining(
            "bitfit.exclude_modules: got it without bitfit.target_modules, which select what it"
                + " excludes from");
  }

  private Set<String> keys() {
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(AdapterKeys.FILE))) {
      return Set.copyOf(file.entries().keySet());
    }
  }

  private TargetedPlan<BitfitSpec> plan(BitfitSpec spec) {
    AdapterContext context = new AdapterContext("SEQ_CLS", List.of("query"), 1, "tiny");
    return METHOD.plan(network.plan(), spec, context);
  }
}
