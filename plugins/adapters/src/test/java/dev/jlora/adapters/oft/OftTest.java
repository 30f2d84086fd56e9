package dev.jlora.adapters.oft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.adapters.TinyEncoder;
import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.TargetModule.Kind;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.TrainingHook;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.ops.RandomOps;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Block sizes, constrained rotations, embeddings and dropped blocks of OFT. */
class OftTest {
  private static final OftMethod OFT = new OftMethod();
  private static final TargetModule LAYER =
      new TargetModule("layer", Kind.LINEAR, 12, 4, true, false);

  private Scope scope;
  private long live;

  @BeforeEach
  void open() {
    live = Tensor.live();
    scope = Scope.open();
    Torch.seed(3);
  }

  @AfterEach
  void close_and_leave_nothing() {
    scope.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void sizes_become_the_nearest_divisors_as_in_peft() {
    assertThat(size(OftSpec.builder().blockSize(4))).isEqualTo(4);
    assertThat(size(OftSpec.builder().blockSize(5))).isEqualTo(4);
    assertThat(size(OftSpec.builder().blockSize(8))).isEqualTo(6);
    assertThat(size(OftSpec.builder().blockSize(10))).isEqualTo(12);
    assertThat(size(OftSpec.builder().blockSize(99))).isEqualTo(12);
    assertThat(size(OftSpec.builder().blocks(3))).isEqualTo(4);
    assertThat(size(OftSpec.builder().blocks(5))).isEqualTo(3);
    assertThat(shape(OftSpec.builder().blocks(3))).containsExactly(3, 6);
    assertThat(shape(OftSpec.builder().blocks(3).blockShare(true))).containsExactly(1, 6);
  }

  @Test
  void a_block_of_one_element_is_refused() {
    TargetModule prime = new TargetModule("prime", Kind.LINEAR, 31, 4, true, false);
    assertThatThrownBy(() -> OftTarget.of(prime, OftSpec.builder().blockSize(8).build()))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "oft_block_size: got 8, which leaves blocks of one element at the 31 inputs of prime;"
                + " expected a block size of 2 or more that divides them");
    assertThatThrownBy(() -> OftTarget.of(LAYER, OftSpec.builder().blocks(12).build()))
        .hasMessageStartingWith("rank: got 12, which leaves blocks of one element");
  }

  @Test
  void settings_out_of_range_are_named() {
    assertThatThrownBy(
            () ->
                OftSpec.builder()
                    .blocks(2)
                    .blockSize(0)
                    .moduleDropout(1)
                    .constrained(0)
                    .terms(1)
                    .build())
        .hasMessageContaining(
            "oft.rank: got rank 0 and oft_block_size 0, expected one of them above 0 and the other"
                + " 0, since they determine each other")
        .hasMessageContaining("oft.module_dropout: got 1.0")
        .hasMessageContaining("oft.eps: got 0.0, expected a number above 0")
        .hasMessageContaining(
            "oft.num_cayley_neumann_terms: got 1, expected 2 or more; with fewer, nothing is"
                + " rotated");
  }

  @Test
  void the_exact_transform_is_orthogonal_and_the_fourth_term_of_the_series_is_pefts() {
    Rotation exact = rotation(OftSpec.builder().blockSize(4).exact(), 1);
    Tensor r = exact.matrices(Tape.off(), exact.triangle());
    Tensor product = Products.matmul(r, Views.transpose(r, 1, 2));
    for (int block = 0; block < 3; block++) {
      for (int i = 0; i < 16; i++) {
        assertThat(product.toDoubles()[block * 16 + i])
            .isCloseTo(i % 5 == 0 ? 1 : 0, within(1e-12));
      }
    }
    Tensor three = series(exact.weight(), 3);
    assertThat(series(exact.weight(), 4).toDoubles()).containsExactly(three.toDoubles());
    assertThat(series(exact.weight(), 5).toDoubles()).isNotEqualTo(three.toDoubles());
  }

  private static Tensor series(Parameter weight, int terms) {
    OftTarget target = OftTarget.of(LAYER, OftSpec.builder().blockSize(4).terms(terms).build());
    Rotation rotation = new Rotation(target, weight);
    return rotation.matrices(Tape.off(), rotation.triangle());
  }

  @Test
  void a_constrained_rotation_is_scaled_to_its_bound_and_its_gradient_is_not() {
    double eps = 0.6;
    OftSpec.Builder spec = OftSpec.builder().blockSize(4).constrained(eps);
    Rotation rotation = rotation(spec, 1);
    double[] own = rotation.weight().value().toDoubles();
    Arrays.fill(own, 0, 6, 0.01);
    rotation.weight().value().copyFrom(Tensor.of(own, 3, 6));
    double[] projected = rotation.projected().toDoubles();
    assertThat(Arrays.copyOf(projected, 6)).containsExactly(Arrays.copyOf(own, 6));
    for (int block = 1; block < 3; block++) {
      double squares = 0;
      for (int i = 0; i < 6; i++) {
        squares += 2 * projected[block * 6 + i] * projected[block * 6 + i];
      }
      assertThat(Math.sqrt(squares)).isCloseTo(eps / Math.sqrt(3), within(1e-12));
    }
    double[] through = gradient(rotation);
    rotation.weight().value().copyFrom(Tensor.of(projected, 3, 6));
    assertThat(gradient(rotation)).containsExactly(through, within(1e-9));
  }

  private static double[] gradient(Rotation rotation) {
    try (var _ = Scope.open();
        Tape tape = Tape.recording()) {
      tape.watch(rotation.weight().value());
      Tensor r = rotation.matrices(tape, rotation.triangle());
      Tensor ramp = Tensor.of(new double[] {1, 2, 3, 4}, 4);
      Tensor sum = Functions.sum(tape, Functions.mul(tape, r, ramp), false);
      try (Gradients gradients = tape.backward(sum)) {
        return gradients.of(rotation.weight().value()).toDoubles();
      }
    }
  }

  @Test
  void training_keeps_a_constrained_adapter_at_the_rotation_that_it_computed_with() {
    OftSpec spec =
        OftSpec.builder().targets("query").blockSize(4).init(false).constrained(0.01).build();
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      Adapter adapter = network.adapt(plan(spec).create(network));
      float[] before = logits(network);
      Parameter weight = adapter.parameters().getFirst();
      assertThat(norm(weight)).isGreaterThan(0.1);
      TrainingHook hook = adapter.training();
      hook.begin(3);
      hook.afterBackward(1, _ -> null);
      assertThat(norm(weight)).isCloseTo(0.01, within(1e-6));
      assertThat(logits(network)).containsExactly(before, within(1e-6f));
    }
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      OftSpec free = OftSpec.builder().targets("query").build();
      assertThat(network.adapt(plan(free).create(network)).training()).isNull();
    }
  }

  /** The norm of Q over all blocks, which is eps if each has eps / sqrt(blocks). */
  private static double norm(Parameter weight) {
    double squares = 0;
    for (double value : weight.value().toDoubles()) {
      squares += 2 * value * value;
    }
    return Math.sqrt(squares);
  }

  @Test
  void the_rows_of_an_embedding_are_rotated() {
    OftSpec spec = OftSpec.builder().targets("words").blockSize(4).exact().init(false).build();
    try (Network network = TinyEncoder.network(DType.FLOAT32)) {
      float[] before = logits(network);
      Adapter adapter = network.adapt(plan(spec).create(network));
      assertThat(adapter.parameters().getFirst().name())
          .isEqualTo("tiny.words.oft_embedding_R.weight");
      assertThat(adapter.parameters().getFirst().shape()).containsExactly(2L, 6L);
      float[] adapted = logits(network);
      assertThat(adapted).isNotEqualTo(before);
      network.merge();
      assertThat(logits(network)).containsExactly(adapted, within(1e-5f));
      network.unmerge();
      assertThat(logits(network)).containsExactly(adapted);
    }
  }

  @Test
  void a_dropped_block_is_not_rotated() {
    Rotation rotation = rotation(OftSpec.builder().blockSize(2).exact(), 1);
    Tensor all = rotation.matrices(Tape.off(), rotation.triangle());
    RandomStream random = new RandomStream(5);
    Set<List<Boolean>> seen = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      double[] some = rotation.dropped(Tape.off(), all, 0.5, random).toDoubles();
      Boolean[] kept = new Boolean[6];
      for (int block = 0; block < 6; block++) {
        double[] now = Arrays.copyOfRange(some, block * 4, block * 4 + 4);
        double[] whole = Arrays.copyOfRange(all.toDoubles(), block * 4, block * 4 + 4);
        kept[block] = Math.abs(now[1]) > 1e-12;
        assertThat(now)
            .containsExactly(kept[block] ? whole : new double[] {1, 0, 0, 1}, within(1e-12));
      }
      seen.add(List.of(kept));
    }
    assertThat(seen).hasSizeGreaterThan(5);
    assertThat(rotation.dropped(Tape.off(), all, 0, null)).isSameAs(all);
  }

  private static int size(OftSpec.Builder spec) {
    return OftTarget.of(LAYER, spec.build()).size();
  }

  private static long[] shape(OftSpec.Builder spec) {
    return OftTarget.of(LAYER, spec.build()).parameters().getFirst().shape();
  }

  /** A rotation with normal values in float64. */
  private Rotation rotation(OftSpec.Builder spec, double std) {
    OftTarget target = OftTarget.of(LAYER, spec.build());
    long[] shape = target.parameters().getFirst().shape();
    Tensor values = Ops.mul(RandomOps.randn(DType.FLOAT64, shape), std);
    return new Rotation(target, Parameter.fresh("layer.oft_R.weight", values, scope));
  }

  private static TargetedPlan<OftSpec> plan(OftSpec spec) {
    return OFT.plan(TinyEncoder.plan(), spec, new AdapterContext("", List.of(), 1, "tiny"));
  }

  private static float[] logits(Network network) {
    Map<String, Tensor> batch =
        Map.of(
            "input_ids", Tensor.of(new long[] {3, 4, 5, 6, 7, 0}, 2, 3),
            "attention_mask", Tensor.of(new long[] {1, 1, 1, 1, 1, 0}, 2, 3));
    return network.forward(batch, ForwardContext.inference()).logits().toFloats();
  }
}
