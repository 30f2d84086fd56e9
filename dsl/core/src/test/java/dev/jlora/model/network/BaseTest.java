package dev.jlora.model.network;

import static dev.jlora.model.layers.Layers.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.FrozenWeight;
import dev.jlora.model.Init;
import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.Parameter;
import dev.jlora.model.layers.Convolution;
import dev.jlora.model.layers.Embedding;
import dev.jlora.model.layers.Linear;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an adapter gets from a linear, a convolution and an embedding. */
class BaseTest {
  private static final String MODULE = "layer";
  private Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void a_linear_multiplies_with_and_without_its_bias_and_fuses_an_update() {
    for (boolean transposed : new boolean[] {false, true}) {
      try (Network network =
          network(new Linear(3, 2, true, transposed, Init.normal(1)), "values")) {
        Tensor x = Tensor.of(new float[] {1, -2, 3, 0.5f, 0, 4}, 2, 3);
        LowRankUpdate update = update(new long[] {1, 3}, new long[] {2, 1});
        Tensor w = network.parameter("layer.weight").value();
        Tensor product = Functions.linear(Tape.off(), x, w, null, transposed);
        Tensor b = network.parameter("layer.bias").value();
        Tensor delta = delta(x, update);
        check(network, x, (base, in) -> base.product(in), product);
        check(network, x, (base, in) -> base.output(in), Ops.add(product, b));
        check(network, x, (base, in) -> base.product(in, update), Ops.add(product, delta));
        check(
            network, x, (base, in) -> base.output(in, update), Ops.add(Ops.add(product, b), delta));
      }
    }
  }

  @Test
  void a_product_is_computed_once_for_the_same_input() {
    try (Network network = network(new Linear(3, 2, true, false, Init.normal(1)), "values")) {
      Tensor x = Tensor.of(new float[] {1, -2, 3}, 1, 3);
      check(
          network,
          x,
          (base, in) -> {
            assertThat(base.product(in)).isSameAs(base.product(in));
            assertThat(base.product(in)).isNotSameAs(base.product(Ops.mul(in, 2)));
            assertThat(base.dense()).isSameAs(network.parameter("layer.weight").value());
            return base.output(in);
          },
          network.forward(Map.of("values", x), ForwardContext.inference()).get("out"));
    }
  }

  @Test
  void an_update_on_an_embedding_is_one_of_its_rows() {
    try (Network network = network(new Embedding(4, 2, -1, Init.normal(1)), "input_ids")) {
      Tensor ids = Tensor.of(new long[] {3, 0, 3}, 1, 3);
      LowRankUpdate update = update(new long[] {2, 4}, new long[] {2, 2});
      Tensor oneHot = Tensor.of(new float[] {0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1}, 1, 3, 4);
      Tensor rows =
          Functions.embedding(Tape.off(), network.parameter("layer.weight").value(), ids, -1);
      check(network, ids, (base, in) -> base.output(in), rows);
      check(
          network,
          ids,
          (base, in) -> base.output(in, update),
          Ops.add(rows, delta(oneHot, update)));
    }
  }

  @Test
  void an_update_on_a_convolution_is_two_of_them() {
    try (Network network = network(new Convolution(1, 2, 2, 2, Init.normal(1)), "values")) {
      Tensor image = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 1, 2, 4);
      LowRankUpdate update = update(new long[] {1, 1, 2, 2}, new long[] {2, 1, 1, 1});
      Tensor plain =
          network.forward(Map.of("values", image), ForwardContext.inference()).get("out");
      float[] expected = plain.toFloats(); // [1, 2, 1, 2]
      float[] a = update.a().toFloats();
      float[] b = update.b().toFloats();
      float[][] windows = {{1, 2, 5, 6}, {3, 4, 7, 8}};
      for (int i = 0; i < 2; i++) {
        double low = 0;
        for (int k = 0; k < 4; k++) {
          low += a[k] * windows[i][k];
        }
        for (int channel = 0; channel < 2; channel++) {
          expected[channel * 2 + i] += (float) (update.scale() * b[channel] * low);
        }
      }
      check(
          network,
          image,
          (base, in) -> base.output(in, update),
          Tensor.of(expected, plain.shape()));
    }
  }

  @Test
  void a_packed_format_needs_no_fused_product() {
    try (Network network = network(new Linear(3, 2, false, false, Init.normal(1)), "values")) {
      FrozenWeight dense = network.parameter("layer.weight").frozen();
      FrozenWeight packed = new Halved(Ops.mul(dense.dense(), 0.5));
      Tensor x = Tensor.of(new float[] {1, -2, 3}, 1, 3);
      LowRankUpdate update = update(new long[] {1, 3}, new long[] {2, 1});
      Tensor fused = dense.linear(Tape.off(), x, null, false, update, null);
      Tensor unfused = packed.linear(Tape.off(), x, null, false, update, null);
      assertThat(unfused.toFloats()).containsExactly(fused.toFloats(), within(1e-5f));
    }
  }

  /** A weight that is stored as its half. */
  private record Halved(Tensor half) implements FrozenWeight {
    @Override
    public DType dtype() {
      return half.dtype();
    }

    @Override
    public long bytes() {
      return half.elements() * half.dtype().bytes();
    }

    @Override
    public Tensor dense() {
      return Ops.mul(half, 2);
    }

    @Override
    public Tensor linear(Tape tape, Tensor x, @Nullable Tensor bias, boolean transposed) {
      return Functions.linear(tape, x, dense(), bias, transposed);
    }
  }

  private static LowRankUpdate update(long[] shapeOfA, long[] shapeOfB) {
    return new LowRankUpdate(counting(shapeOfA, 0.25f), counting(shapeOfB, -0.5f), 2, 0);
  }

  private static Tensor counting(long[] shape, float step) {
    int elements = 1;
    for (long size : shape) {
      elements *= (int) size;
    }
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = step * (i + 1);
    }
    return Tensor.of(values, shape);
  }

  /** scale * x A^T B^T, of dense matrices. */
  private static Tensor delta(Tensor x, LowRankUpdate update) {
    Tensor low = Functions.linear(Tape.off(), x, update.a(), null);
    return Ops.mul(Functions.linear(Tape.off(), low, update.b(), null), update.scale());
  }

  private static void check(
      Network network, Tensor x, BiFunction<Base, Tensor, Tensor> adapter, Tensor expected) {
    network.attach("only", new OneLayer(MODULE, new Only(adapter)));
    String input = network.architecture().inputs().getFirst();
    ForwardContext pass = ForwardContext.inference().withAdapters(AdapterSelection.of("only"));
    Tensor out = network.forward(Map.of(input, x), pass).get("out");
    network.detach("only");
    assertThat(out.shape()).isEqualTo(expected.shape());
    assertThat(out.toFloats()).containsExactly(expected.toFloats(), within(1e-5f));
  }

  private record Only(BiFunction<Base, Tensor, Tensor> forward) implements AdapterLayer {
    @Override
    public Tensor forward(Base base, Tensor x, ForwardContext context) {
      return forward.apply(base, x);
    }

    @Override
    public List<Parameter> parameters() {
      return List.of();
    }

    @Override
    public Tensor merged(Tensor weight) {
      throw new UnsupportedOperationException();
    }
  }

  private static Network network(Layer layer, String input) {
    Architecture architecture =
        Architecture.named("Single").inputs(input).root(named(MODULE, layer), new HandOut());
    return Network.of(architecture, new RandomWeights(5), DType.FLOAT32);
  }

  private record HandOut() implements Layer {
    @Override
    public Module build(Assembly assembly) {
      return (x, pass) -> {
        pass.output("out", x);
        return x;
      };
    }
  }
}
