package dev.jlora.adapters.vera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.adapters.TinyEncoder;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spec.Bias;
import dev.jlora.spec.SpecException;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** VeRA's shared matrices: their sizes, their values, and files without them. */
class VeraTest {
  private static final VeraMethod VERA = new VeraMethod();

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
  void the_shared_matrices_fit_the_largest_target_and_are_not_counted() {
    TargetedPlan<VeraSpec> plan = plan(spec("query", "up", "down"));
    assertThat(plan.shared())
        .extracting(it -> it.shape())
        .containsExactly(new long[] {4, 16}, new long[] {16, 4});
    long vectors = 2 * (3 * 4 + 8 + 16 + 8);
    assertThat(plan.summary().trainable()).isEqualTo(vectors);
    assertThat(plan.summary().all()).isEqualTo(network.plan().elements() + vectors);
  }

  /** Values of PEFT 0.20.1 for r = 8, a width of 32 and the key 3. */
  @Test
  void the_shared_matrices_are_those_of_peft_for_the_same_key() {
    var start = new VeraTargets(VeraSpec.builder().rank(8).projectionKey(3).build());
    var query = new TargetModule("query", TargetModule.Kind.LINEAR, 32, 32, true, false);
    var a = start.shared(List.of(query)).getFirst().start().values(new SplittableRandom());
    assertThat((float) a.getAsDouble()).isEqualTo(-0.429320365190506f);
    assertThat((float) a.getAsDouble()).isEqualTo(-0.3415869474411011f);
    assertThat((float) a.getAsDouble()).isEqualTo(-0.18546585738658905f);
  }

  @Test
  void a_file_without_the_shared_matrices_gives_the_same_logits() {
    VeraSpec spec = spec("query", "down").toBuilder().init(false).saveProjection(false).build();
    Adapter adapter = network.adapt(plan(spec).create(network));
    adapter.save(folder);
    float[] expected = logits(network);
    assertThat(keys()).noneMatch(key -> key.startsWith("base_model.vera_"));
    try (Network other = TinyEncoder.network(DType.FLOAT32)) {
      AdapterPlan saved = VERA.saved(other.plan(), folder);
      assertThat(saved.spec()).isEqualTo(spec);
      other.adapt(saved.read(other, folder));
      assertThat(logits(other)).containsExactly(expected);
    }
  }

  @Test
  void a_file_that_should_have_them_and_does_not_is_refused() {
    try (Adapter adapter =
        plan(spec("query").toBuilder().saveProjection(false).build()).create(network)) {
      adapter.save(folder);
    }
    set("save_projection", true);
    assertThatThrownBy(() -> VERA.saved(network.plan(), folder).read(network, folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("base_model.vera_A: not in the file");
  }

  /** As in PEFT, which warns. */
  @Test
  void a_file_that_has_them_although_the_key_counts_is_read_without_them() {
    VeraSpec spec = spec("query").toBuilder().init(false).build();
    Adapter adapter = network.adapt(plan(spec).create(network));
    float[] expected = logits(network);
    adapter.save(folder);
    assertThat(keys()).contains("base_model.vera_A", "base_model.vera_B");
    set("save_projection", false);
    try (Network other = TinyEncoder.network(DType.FLOAT32)) {
      Adapter read = VERA.saved(other.plan(), folder).read(other, folder);
      other.adapt(read);
      assertThat(read.shared()).noneMatch(Parameter::trainable);
      assertThat(logits(other)).containsExactly(expected);
    }
  }

  @Test
  void biases_of_targets_have_pefts_name() {
    VeraSpec spec = spec("query").toBuilder().bias(Bias.LORA_ONLY).build();
    try (Adapter adapter = plan(spec).create(network)) {
      adapter.save(folder);
    }
    assertThat(Json.readObject(folder.resolve(PeftConfig.FILE)).path("bias").asText())
        .isEqualTo("vera_only");
    assertThat(VERA.read(folder)).isEqualTo(spec);
  }

  @Test
  void settings_out_of_range_are_named() {
    assertThatThrownBy(() -> VeraSpec.builder().rank(0).dropout(1.5).initial(Double.NaN).build())
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("vera.rank: got 0, expected 1 to 65536 (256 is a common choice)")
        .hasMessageContaining("vera.dropout: got 1.5, expected 0 or more and less than 1")
        .hasMessageContaining("vera.d_initial: got NaN, expected a finite number");
  }

  private void set(String key, boolean value) {
    ObjectNode json = Json.readObject(folder.resolve(PeftConfig.FILE));
    Json.write(folder.resolve(PeftConfig.FILE), json.put(key, value));
  }

  private List<String> keys() {
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(AdapterKeys.FILE))) {
      return List.copyOf(file.entries().keySet());
    }
  }

  private static VeraSpec spec(String... targets) {
    return VeraSpec.builder().rank(4).targets(targets).build();
  }

  private TargetedPlan<VeraSpec> plan(VeraSpec spec) {
    AdapterContext context = new AdapterContext("", List.of("query"), 1, "tiny");
    return VERA.plan(network.plan(), spec, context);
  }

  private static float[] logits(Network network) {
    Map<String, Tensor> batch = Map.of("input_ids", Tensor.of(new long[] {3, 4, 5, 6, 7, 8}, 2, 3));
    return network.forward(batch, ForwardContext.inference()).logits().toFloats();
  }
}
