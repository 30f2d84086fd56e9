package dev.jlora.adapters.lycoris;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.adapters.TinyEncoder;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.model.TargetModule;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spec.SpecException;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The shapes of LoHa and LoKr, their dropouts, and what they refuse. */
class LycorisTest {
  private static final LohaMethod LOHA = new LohaMethod();
  private static final LokrMethod LOKR = new LokrMethod();

  @TempDir Path folder;
  private long live;
  private Scope scope;

  @BeforeEach
  void open() {
    live = Tensor.live();
    scope = Scope.open();
  }

  @AfterEach
  void close_and_leave_nothing() {
    scope.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  /** The first four are the examples in PEFT's documentation of its function. */
  @ParameterizedTest
  @CsvSource({
    "256, -1, 16, 16",
    "128, -1, 8, 16",
    "127, -1, 1, 127",
    "128, 4, 4, 32",
    "32, 8, 8, 4",
    "36, 5, 4, 9",
    "30, 7, 5, 6",
    "768, 8, 8, 96",
    "1, -1, 1, 1"
  })
  void sizes_are_split_as_in_peft(long size, int factor, long left, long right) {
    assertThat(Factors.of(size, factor)).isEqualTo(new Factors(left, right));
  }

  @Test
  void a_convolution_has_pefts_shapes() {
    var patches =
        new TargetModule("patches", TargetModule.Kind.CONVOLUTION, 3, 8, true, false, 4, 4);
    assertThat(shapes(new LohaTarget(patches, 2, 8, LohaSpec.defaults())))
        .containsExactlyEntriesOf(
            ordered(
                "hada_w1_a",
                List.of(8L, 2L),
                "hada_w1_b",
                List.of(2L, 48L),
                "hada_w2_a",
                List.of(8L, 2L),
                "hada_w2_b",
                List.of(2L, 48L)));
    assertThat(shapes(new LohaTarget(patches, 2, 8, LohaSpec.builder().effectiveConv2d().build())))
        .containsExactlyEntriesOf(
            ordered(
                "hada_w1_a",
                List.of(2L, 8L),
                "hada_w1_b",
                List.of(2L, 3L),
                "hada_w2_a",
                List.of(2L, 8L),
                "hada_w2_b",
                List.of(2L, 3L),
                "hada_t1",
                List.of(2L, 2L, 4L, 4L),
                "hada_t2",
                List.of(2L, 2L, 4L, 4L)));
    assertThat(shapes(new LokrTarget(patches, 1, 8, LokrSpec.defaults())))
        .containsExactlyEntriesOf(
            ordered(
                "lokr_w1",
                List.of(2L, 1L),
                "lokr_w2_a",
                List.of(4L, 1L),
                "lokr_w2_b",
                List.of(1L, 48L)));
    assertThat(shapes(new LokrTarget(patches, 1, 8, LokrSpec.builder().effectiveConv2d().build())))
        .containsExactlyEntriesOf(
            ordered(
                "lokr_w1",
                List.of(2L, 1L),
                "lokr_w2_a",
                List.of(1L, 4L),
                "lokr_w2_b",
                List.of(1L, 3L),
                "lokr_t2",
                List.of(1L, 1L, 4L, 4L)));
    assertThat(shapes(new LokrTarget(patches, 2, 8, LokrSpec.defaults())))
        .containsExactlyEntriesOf(
            ordered("lokr_w1", List.of(2L, 1L), "lokr_w2", List.of(4L, 3L, 4L, 4L)));
  }

  /** A 1 x 1 convolution is a linear layer, and is decomposed like one. */
  @Test
  void a_convolution_of_one_pixel_is_never_effective() {
    var point = new TargetModule("point", TargetModule.Kind.CONVOLUTION, 6, 8, true, false, 1, 1);
    LohaSpec spec = LohaSpec.builder().effectiveConv2d().build();
    assertThat(shapes(new LohaTarget(point, 2, 8, spec))).doesNotContainKey("hada_t1");
  }

  @Test
  void the_left_factor_is_a_product_only_on_request() {
    var wide = new TargetModule("wide", TargetModule.Kind.LINEAR, 64, 64, true, false);
    assertThat(shapes(new LokrTarget(wide, 3, 8, LokrSpec.defaults())))
        .containsOnlyKeys("lokr_w1", "lokr_w2_a", "lokr_w2_b");
    assertThat(shapes(new LokrTarget(wide, 3, 8, LokrSpec.builder().decomposeBoth().build())))
        .containsOnlyKeys("lokr_w1_a", "lokr_w1_b", "lokr_w2_a", "lokr_w2_b");
    assertThat(shapes(new LokrTarget(wide, 4, 8, LokrSpec.builder().decomposeBoth().build())))
        .containsOnlyKeys("lokr_w1", "lokr_w2");
  }

  @Test
  void ranks_and_alphas_of_patterns_are_used_and_written() {
    LohaSpec spec =
        LohaSpec.builder()
            .rank(2)
            .alpha(4)
            .rankOf("layer.0.*query", 3)
            .alphaOf("query", 6.5)
            .targets("query")
            .build();
    TargetedPlan<LohaSpec> plan = LOHA.plan(TinyEncoder.plan(), spec, context());
    assertThat(plan.targets())
        .extracting(target -> ((LohaTarget) target).rank())
        .containsExactly(3, 2);
    assertThat(plan.targets())
        .extracting(target -> ((LohaTarget) target).alpha())
        .containsExactly(6.5, 6.5);
    try (Network network = TinyEncoder.network(DType.FLOAT32);
        Adapter adapter = plan.create(network)) {
      adapter.save(folder);
    }
    ObjectNode json = Json.readObject(folder.resolve(PeftConfig.FILE));
    assertThat(json.path("alpha").toString()).isEqualTo("4");
    assertThat(json.path("alpha_pattern").toString()).isEqualTo("{\"query\":6.5}");
    assertThat(LOHA.read(folder)).isEqualTo(spec);
  }

  @Test
  void rank_dropout_leaves_out_rows_in_training_and_keeps_their_mean() {
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      LohaSpec spec =
          LohaSpec.builder().init(false).rankDropout(0.5).targets("query", "value").build();
      network.adapt(LOHA.plan(network.plan(), spec, context()).create(network));
      float[] evaluated = logits(network, null);
      float[] trained = logits(network, new RandomStream(1));
      assertThat(trained).isNotEqualTo(evaluated);
      assertThat(logits(network, new RandomStream(1))).containsExactly(trained);
      assertThat(logits(network, new RandomStream(2))).isNotEqualTo(trained);
    }
  }

  /** PEFT divides by the share of rows that are left, which is zero here. */
  @Test
  void rank_dropout_that_leaves_no_row_leaves_the_base() {
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      float[] base = logits(network, null);
      LohaSpec spec =
          LohaSpec.builder().init(false).rankDropout(0.999999).targets("query", "value").build();
      network.adapt(LOHA.plan(network.plan(), spec, context()).create(network));
      assertThat(logits(network, new RandomStream(1))).containsExactly(base, within(1e-6f));
    }
  }

  @Test
  void module_dropout_leaves_out_whole_adapters() {
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      float[] base = logits(network, null);
      LokrSpec spec =
          LokrSpec.builder().init(LokrInit.RANDOM).moduleDropout(0.5).targets("value").build();
      network.adapt(LOKR.plan(network.plan(), spec, context()).create(network));
      float[] evaluated = logits(network, null);
      int none = 0;
      int all = 0;
      for (int seed = 0; seed < 24; seed++) {
        float[] trained = logits(network, new RandomStream(seed));
        none += near(trained, base) ? 1 : 0;
        all += near(trained, evaluated) ? 1 : 0;
      }
      assertThat(none).isBetween(1, 14); // of two modules, both are left out in a quarter of passes
      assertThat(all).isBetween(1, 14);
    }
  }

  @Test
  void the_weight_of_an_adapter_scales_the_change() {
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      LokrSpec spec = LokrSpec.builder().alpha(4).init(LokrInit.RANDOM).targets("value").build();
      LokrSpec twice = spec.toBuilder().alpha(8).build();
      network.attach("one", LOKR.plan(network.plan(), spec, context()).create(network));
      network.attach("two", LOKR.plan(network.plan(), twice, context()).create(network));
      network.select(AdapterSelection.of(Map.of("one", 2.0)));
      float[] expected = logits(network, null);
      network.select(AdapterSelection.of("two"));
      assertThat(logits(network, null)).containsExactly(expected, within(1e-6f));
    }
  }

  @Test
  void settings_out_of_range_are_named() {
    assertThatThrownBy(
            () ->
                LokrSpec.builder()
                    .rank(0)
                    .alpha(-1)
                    .rankDropout(1)
                    .moduleDropout(-0.5)
                    .factor(0)
                    .rankOf("query", 0)
                    .build())
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("lokr.rank: got 0, expected 1 to 65536 (8 is a common choice)")
        .hasMessageContaining("lokr.alpha: got -1.0, expected a number above 0")
        .hasMessageContaining("lokr.rank_dropout: got 1.0, expected 0 or more and less than 1")
        .hasMessageContaining("lokr.module_dropout: got -0.5, expected 0 or more")
        .hasMessageContaining("lokr.decompose_factor: got 0, expected -1, or a number above 0")
        .hasMessageContaining("lokr.rank_pattern 'query': got 0, expected 1 to 65536");
    assertThatThrownBy(() -> LokrInit.of("zeros"))
        .hasMessage("got zeros, expected true, false or lycoris");
  }

  @Test
  void an_unknown_initialization_in_a_file_is_named() {
    ObjectNode json = Json.mapper().createObjectNode().put("peft_type", "LOKR");
    Json.write(folder.resolve(PeftConfig.FILE), json.put("init_weights", "orthogonal"));
    assertThatThrownBy(() -> LOKR.read(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("init_weights: got orthogonal, expected true, false or lycoris");
  }

  private static boolean near(float[] a, float[] b) {
    for (int i = 0; i < a.length; i++) {
      if (Math.abs(a[i] - b[i]) > 1e-6) {
        return false;
      }
    }
    return true;
  }

  private static Map<String, List<Long>> ordered(Object... entries) {
    Map<String, List<Long>> map = new LinkedHashMap<>();
    for (int i = 0; i < entries.length; i += 2) {
      @SuppressWarnings("unchecked") // names and shapes alternate
      List<Long> shape = (List<Long>) entries[i + 1];
      map.put((String) entries[i], shape);
    }
    return map;
  }

  private static Map<String, List<Long>> shapes(AdapterTarget target) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    for (OwnParameter parameter : target.parameters()) {
      shapes.put(parameter.name(), Arrays.stream(parameter.shape()).boxed().toList());
    }
    return shapes;
  }

  private static AdapterContext context() {
    return new AdapterContext("", List.of("query"), 1, "tiny");
  }

  /** Logits in training with dropout from {@code random}, or in evaluation. */
  private static float[] logits(Network network, @Nullable RandomStream random) {
    Map<String, Tensor> batch = Map.of("input_ids", Tensor.of(new long[] {3, 4, 5, 6, 7, 8}, 2, 3));
    if (random == null) {
      return network.forward(batch, ForwardContext.inference()).logits().toFloats();
    }
    try (Tape tape = Tape.recording()) {
      return network.forward(batch, ForwardContext.training(tape, random)).logits().toFloats();
    }
  }
}
