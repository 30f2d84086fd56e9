package dev.jlora.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Targets;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * LoRA and its variants on each kind of layer against the same formula in plain doubles: outputs,
 * gradients, merged weights.
 */
class LoraMathTest {
  private static final double STEP = 1e-6;
  private static final int RANK = 2;

  @TempDir Path folder;
  private final Random random = new Random(13);
  private Scope scope;
  private long live;

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

  /** A layer with an adapter, and its values in doubles. */
  private record Case(SingleLayer kind, LoraSpec spec, Network network, Adapter adapter) {

    static Case of(SingleLayer kind, LoraSpec spec, DType dtype) {
      Network network = kind.network(dtype);
      AdapterContext context = new AdapterContext("", List.of(), 3, "single");
      return new Case(
          kind,
          spec,
          network,
          network.adapt(new LoraMethod().plan(network.plan(), spec, context).create(network)));
    }

    static Case read(SingleLayer kind, LoraSpec spec, Path folder) {
      Network network = kind.network(DType.FLOAT32);
      return new Case(
          kind,
          spec,
          network,
          network.adapt(new LoraMethod().saved(network.plan(), folder).read(network, folder)));
    }

    double scaling() {
      return spec.scaling(spec.rank(), spec.alpha());
    }

    /** W + s B A as [out, in]. */
    double[][] sum(Map<String, double[]> values) {
      double[] a = values.get(name("_A"));
      double[] b = values.get(name("_B"));
      boolean turned = spec.targetModules() instanceof Targets.Names none && none.names().isEmpty();
      boolean stored = turned && kind != SingleLayer.LINEAR; // A and B in the layout of the weight
      double[][] sum = kind.weight(network);
      for (int o = 0; o < kind.out; o++) {
        for (int i = 0; i < kind.in; i++) {
          for (int k = 0; k < RANK; k++) {
            sum[o][i] +=
                stored
                    ? scaling() * b[i * RANK + k] * a[k * kind.out + o]
                    : scaling() * b[o * RANK + k] * a[k * kind.in + i];
          }
        }
      }
      return sum;
    }

    double[] norms(Map<String, double[]> values) {
      double[][] sum = sum(values);
      double[] norms = new double[kind.out];
      for (int o = 0; o < kind.out; o++) {
        norms[o] = Math.sqrt(Arrays.stream(sum[o]).map(v -> v * v).sum());
      }
      return norms;
    }

    String name(String part) {
      return adapter.parameters().stream()
          .map(Parameter::name)
          .filter(name -> name.contains(part) && !name.endsWith("bias"))
          .findFirst()
          .orElseThrow();
    }

    /**
     * The output.
     *
     * @param norms of the rows, a constant in the gradient
     */
    double[] plain(Map<String, double[]> values, double[] norms) {
      double[][] sum = sum(values);
      double[] bias = kind.bias(network);
      double[] m = spec.useDora() ? values.get(name("magnitude")) : norms;
      return kind.at(
          values.get("x"),
          (_, x) -> {
            double[] y = new double[kind.out];
            for (int o = 0; o < kind.out; o++) {
              for (int i = 0; i < kind.in; i++) {
                y[o] += m[o] / norms[o] * sum[o][i] * x[i];
              }
              y[o] += bias[o];
            }
            return y;
          });
    }

    void set(Map<String, double[]> values) {
      for (Parameter parameter : adapter.parameters()) {
        long[] shape = parameter.shape().stream().mapToLong(Long::longValue).toArray();
        parameter.swapIn(Tensor.of(values.get(parameter.name()), shape));
      }
    }

    Tensor forward(Tensor x, ForwardContext context) {
      return network.forward(Map.of(kind.input(), x), context).get("y");
    }
  }

  private static LoraSpec spec(boolean dora) {
    return LoraSpec.builder().rank(RANK).alpha(3).rslora().targets("layer").dora(dora).build();
  }

  private Map<String, double[]> values(Case one) {
    Map<String, double[]> values = new LinkedHashMap<>();
    values.put("x", normal(one.kind.inputs()));
    one.adapter.parameters().forEach(p -> values.put(p.name(), normal((int) p.elements())));
    return values;
  }

  @ParameterizedTest
  @CsvSource({
    "LINEAR,false", "LINEAR,true", "TRANSPOSED,false", "TRANSPOSED,true",
    "EMBEDDING,false", "EMBEDDING,true", "CONVOLUTION,false", "CONVOLUTION,true"
  })
  void outputs_and_gradients_are_those_of_the_formula(SingleLayer kind, boolean dora) {
    check(Case.of(kind, spec(dora), DType.FLOAT64));
  }

  @ParameterizedTest
  @EnumSource(names = {"LINEAR", "TRANSPOSED", "EMBEDDING"})
  void a_parameter_is_adapted_in_its_own_layout(SingleLayer kind) {
    LoraSpec spec =
        LoraSpec.builder().rank(RANK).alpha(3).targets().targetParameters("layer.weight").build();
    check(Case.of(kind, spec, DType.FLOAT64));
    Case one = Case.of(kind, spec, DType.FLOAT32);
    try (Network network = one.network) {
      Map<String, double[]> values = values(one);
      move(one, values);
      Tensor x = floats(kind, values);
      float[] adapted = one.forward(x, ForwardContext.inference()).toFloats();
      network.merge();
      assertThat(one.forward(x, ForwardContext.inference()).toFloats())
          .containsExactly(adapted, within(1e-5f));
      assertThat(adapted).isNotEqualTo(baseOutput(one, x));
      one.adapter.save(folder);
    }
    Case again = Case.read(kind, spec, folder);
    try (Network network = again.network) {
      assertThat(again.adapter.layers()).containsOnlyKeys("layer");
    }
  }

  private void check(Case one) {
    SingleLayer kind = one.kind;
    try (Network network = one.network) {
      Map<String, double[]> values = values(one);
      double[] norms = one.norms(values);
      double[] expected = one.plain(values, norms);
      double[] weights = normal(expected.length); // of the outputs, in the sum that is derived
      Map<String, double[]> found = new LinkedHashMap<>();
      one.set(values);
      try (var _ = Scope.open();
          Tape tape = Tape.recording()) {
        Tensor x = kind.tensor(values.get("x"));
        if (x.dtype().floating()) {
          tape.watch(x);
        }
        Tensor y = one.forward(x, ForwardContext.training(tape, new RandomStream(1)));
        assertThat(y.toDoubles()).containsExactly(expected, within(1e-12));
        try (Gradients gradients = tape.backward(y, Tensor.of(weights, y.shape()))) {
          if (x.dtype().floating()) {
            found.put("x", gradients.of(x).toDoubles());
          }
          for (Parameter parameter : one.adapter.parameters()) {
            found.put(parameter.name(), gradients.of(parameter.value()).toDoubles());
          }
        }
      }
      assertThat(found).hasSize(values.size() - (kind == SingleLayer.EMBEDDING ? 1 : 0));
      found.forEach(
          (name, gradient) -> {
            double[] value = values.get(name);
            double[] numeric = new double[value.length];
            for (int i = 0; i < value.length; i++) {
              double kept = value[i];
              value[i] = kept + STEP;
              double above = dot(one.plain(values, norms), weights);
              value[i] = kept - STEP;
              double below = dot(one.plain(values, norms), weights);
              value[i] = kept;
              numeric[i] = (above - below) / (2 * STEP);
            }
            assertThat(numeric).as(name).isNotEqualTo(new double[numeric.length]);
            assertThat(gradient).as(name).containsExactly(numeric, within(1e-7));
          });
    }
  }

  @ParameterizedTest
  @EnumSource(SingleLayer.class)
  void a_fresh_dora_adapter_starts_at_the_norms_and_changes_nothing(SingleLayer kind) {
    for (DType dtype : List.of(DType.FLOAT32, DType.BFLOAT16)) {
      Case one = Case.of(kind, spec(true), dtype);
      try (Network network = one.network) {
        Map<String, double[]> values = new LinkedHashMap<>();
        one.adapter.parameters().forEach(p -> values.put(p.name(), p.value().toDoubles()));
        assertThat(one.adapter.parameters()).allMatch(p -> p.value().dtype() == DType.FLOAT32);
        assertThat(values.get(one.name("magnitude")))
            .containsExactly(one.norms(values), within(1e-5));
        values.put("x", normal(kind.inputs()));
        Tensor x = floats(kind, values);
        float[] with = one.forward(x, ForwardContext.inference()).toFloats();
        float[] without =
            one.forward(x, ForwardContext.inference().withAdapters(AdapterSelection.none()))
                .toFloats();
        assertThat(with).containsExactly(without, within(dtype == DType.FLOAT32 ? 1e-6f : 0));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "LINEAR,false",
    "LINEAR,true",
    "TRANSPOSED,true",
    "EMBEDDING,false",
    "EMBEDDING,true",
    "CONVOLUTION,true"
  })
  void merging_keeps_the_output_and_unmerging_the_bits(SingleLayer kind, boolean dora) {
    Case one = Case.of(kind, spec(dora), DType.FLOAT32);
    try (Network network = one.network) {
      Map<String, double[]> values = values(one);
      move(one, values);
      Tensor x = floats(kind, values);
      float[] weight = network.parameter("layer.weight").value().toFloats();
      float[] adapted = one.forward(x, ForwardContext.inference()).toFloats();
      assertThat(adapted).isNotEqualTo(baseOutput(one, x));
      network.merge();
      assertThat(one.forward(x, ForwardContext.inference()).toFloats())
          .containsExactly(adapted, within(1e-5f));
      network.unmerge();
      assertThat(network.parameter("layer.weight").value().toFloats()).isEqualTo(weight);
      assertThat(one.forward(x, ForwardContext.inference()).toFloats()).isEqualTo(adapted);
    }
  }

  /** PEFT multiplies only the terms of the adapter with the dropped-out input. */
  @ParameterizedTest
  @CsvSource({"LINEAR", "TRANSPOSED", "CONVOLUTION"})
  void dora_with_dropout_leaves_the_base_s_own_product_whole(SingleLayer kind) {
    LoraSpec spec =
        LoraSpec.builder().rank(RANK).alpha(3).targets("layer").dora().dropout(0.5).build();
    Case one = Case.of(kind, spec, DType.FLOAT64);
    try (Network network = one.network) {
      Map<String, double[]> values = values(one);
      one.set(values);
      Tensor x = kind.tensor(values.get("x"));
      double[] kept = Functions.dropout(Tape.off(), x, 0.5, new RandomStream(1)).toDoubles();
      assertThat(Arrays.stream(kept).filter(value -> value == 0).count()).isPositive();
      double[] norms = one.norms(values);
      double[] base = baseOutput(one, x, values.get("x"));
      double[] baseKept = baseOutput(one, x, kept);
      Map<String, double[]> dropped = new LinkedHashMap<>(values);
      dropped.put("x", kept);
      double[] adapted = one.plain(dropped, norms);
      double[] expected = new double[base.length];
      for (int i = 0; i < base.length; i++) {
        expected[i] = base[i] + adapted[i] - baseKept[i];
      }
      try (Tape tape = Tape.recording()) {
        assertThat(one.forward(x, ForwardContext.training(tape, new RandomStream(1))).toDoubles())
            .containsExactly(expected, within(1e-12));
      }
    }
  }

  private static double[] baseOutput(Case one, Tensor like, double[] x) {
    return one.network
        .forward(
            Map.of(one.kind.input(), Tensor.of(x, like.shape())),
            ForwardContext.inference().withAdapters(AdapterSelection.none()))
        .get("y")
        .toDoubles();
  }

  private static float[] baseOutput(Case one, Tensor x) {
    return one.forward(x, ForwardContext.inference().withAdapters(AdapterSelection.none()))
        .toFloats();
  }

  private static Tensor floats(SingleLayer kind, Map<String, double[]> values) {
    double[] x = values.get("x");
    float[] floats = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      floats[i] = (float) x[i];
    }
    return kind == SingleLayer.EMBEDDING ? kind.tensor(x) : Tensor.of(floats, kind.inputShape);
  }

  private static void move(Case one, Map<String, double[]> values) {
    for (Parameter parameter : one.adapter.parameters()) {
      double[] value = values.get(parameter.name());
      float[] floats = new float[value.length];
      for (int i = 0; i < value.length; i++) {
        floats[i] = (float) value[i];
      }
      try (var _ = Scope.open()) {
        parameter.value().copyFrom(Tensor.of(floats, parameter.value().shape()));
      }
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private double[] normal(int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextGaussian();
    }
    return values;
  }
}
