package dev.jlora.cuda.blas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Plans against what an adapted layer is, written out row by row. */
class LoraPlansTest {
  private static final LoraPlans.Wanted ALL = new LoraPlans.Wanted(true, true, true);

  private static LoraGroup group(Random random, int layers, boolean dropout, boolean oneRank) {
    int rank = 1 + random.nextInt(4);
    return new LoraGroup(
        1 + random.nextInt(6),
        1 + random.nextInt(6),
        IntStream.range(0, layers)
            .mapToObj(
                _ ->
                    new LoraGroup.Layer(
                        1 + random.nextInt(7),
                        oneRank ? rank : 1 + random.nextInt(4),
                        random.nextGaussian(),
                        random.nextBoolean(),
                        random.nextBoolean()))
            .toList(),
        dropout);
  }

  /** Random inputs; what a plan writes starts as not-a-number, so that nothing left shows. */
  private static Map<String, double[]> buffers(Random random, LoraGroup group) {
    Map<String, double[]> buffers = new HashMap<>();
    int layers = group.layers().size();
    int rows = group.rows();
    buffers.put("x", values(random, rows * group.in()));
    buffers.put("dropped", values(random, layers * rows * group.in()));
    buffers.put("a", values(random, group.ranks() * group.in()));
    buffers.put("down", unset(rows * group.ranks()));
    buffers.put("gb", unset(rows * group.ranks()));
    buffers.put("da", unset(group.ranks() * group.in()));
    buffers.put("dx", unset(rows * group.in()));
    buffers.put("dd", unset(layers * rows * group.in()));
    for (int i = 0; i < layers; i++) {
      LoraGroup.Layer layer = group.layers().get(i);
      buffers.put("w" + i, values(random, layer.out() * group.in()));
      buffers.put("bias" + i, values(random, layer.out()));
      buffers.put("b" + i, values(random, layer.out() * layer.rank()));
      buffers.put("g" + i, values(random, rows * layer.out()));
      buffers.put("y" + i, unset(rows * layer.out()));
      buffers.put("db" + i, unset(layer.out() * layer.rank()));
    }
    return buffers;
  }

  private static double[] values(Random random, int count) {
    return random.doubles(count, -1, 1).toArray();
  }

  private static double[] unset(int count) {
    double[] result = new double[count];
    Arrays.fill(result, Double.NaN);
    return result;
  }

  /** Everything as matrices of rows, for formulas. */
  private record Numbers(LoraGroup group, Map<String, double[]> buffers) {
    double[][] x() {
      return rows("x", 0, group.rows(), group.in());
    }

    double[][] adapterInput(int layer) {
      return group.dropout()
          ? rows("dropped", layer * group.rows() * group.in(), group.rows(), group.in())
          : x();
    }

    double[][] a(int layer) {
      int first = group.firstRank(layer) * group.in();
      return rows("a", first, group.layers().get(layer).rank(), group.in());
    }

    double[][] b(int layer) {
      LoraGroup.Layer it = group.layers().get(layer);
      return rows("b" + layer, 0, it.out(), it.rank());
    }

    double[][] w(int layer) {
      LoraGroup.Layer it = group.layers().get(layer);
      return it.transposed()
          ? transpose(rows("w" + layer, 0, group.in(), it.out()))
          : rows("w" + layer, 0, it.out(), group.in());
    }

    double[][] out(String buffer, int layer) {
      return rows(buffer + layer, 0, group.rows(), group.layers().get(layer).out());
    }

    double[][] rows(String buffer, int offset, int rows, int columns) {
      double[] from = buffers.get(buffer);
      return IntStream.range(0, rows)
          .mapToObj(
              row -> Arrays.copyOfRange(from, offset + row * columns, offset + (row + 1) * columns))
          .toArray(double[][]::new);
    }
  }

  private static double[][] times(double[][] a, double[][] b) {
    double[][] result = new double[a.length][b[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < b[0].length; j++) {
        for (int k = 0; k < b.length; k++) {
          result[i][j] += a[i][k] * b[k][j];
        }
      }
    }
    return result;
  }

  private static double[][] transpose(double[][] a) {
    double[][] result = new double[a[0].length][a.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[0].length; j++) {
        result[j][i] = a[i][j];
      }
    }
    return result;
  }

  private static double[][] plus(double[][] a, double[][] b, double factor) {
    double[][] result = new double[a.length][];
    for (int i = 0; i < a.length; i++) {
      result[i] = a[i].clone();
      for (int j = 0; j < a[i].length; j++) {
        result[i][j] += factor * b[i][j];
      }
    }
    return result;
  }

  private static double[][] zeros(int rows, int columns) {
    return new double[rows][columns];
  }

  private static void same(double[][] got, double[][] expected) {
    assertThat(got).hasDimensions(expected.length, expected[0].length);
    for (int i = 0; i < got.length; i++) {
      assertThat(got[i]).containsExactly(expected[i], within(1e-12));
    }
  }

  @Property(tries = 300)
  @Label("forward, gradients and merging of layers that share an input")
  void plans_compute_what_an_adapted_layer_is(
      @ForAll @IntRange(min = 1, max = 4) int layers,
      @ForAll boolean dropout,
      @ForAll boolean oneRank,
      @ForAll long seed) {
    Random random = new Random(seed);
    LoraGroup group = group(random, layers, dropout, oneRank);
    Numbers before = new Numbers(group, buffers(random, group));
    Map<String, double[]> after = new HashMap<>();
    before.buffers().forEach((name, values) -> after.put(name, values.clone()));
    PlanInterpreter interpreter = new PlanInterpreter(after);
    interpreter.run(LoraPlans.forward(group));
    interpreter.run(LoraPlans.backward(group, ALL));
    Numbers now = new Numbers(group, after);

    double[][] dx = zeros(group.rows(), group.in());
    for (int i = 0; i < layers; i++) {
      LoraGroup.Layer layer = group.layers().get(i);
      double[][] down = times(before.adapterInput(i), transpose(before.a(i)));
      double[][] y = times(before.x(), transpose(before.w(i)));
      y = plus(y, times(down, transpose(before.b(i))), layer.scale());
      if (layer.bias()) {
        double[] bias = before.buffers().get("bias" + i);
        y = plus(y, IntStream.range(0, y.length).mapToObj(_ -> bias).toArray(double[][]::new), 1);
      }
      same(now.out("y", i), y);

      double[][] g = before.out("g", i);
      double[][] gb = plus(zeros(group.rows(), layer.rank()), times(g, before.b(i)), layer.scale());
      double[][] db =
          plus(zeros(layer.out(), layer.rank()), times(transpose(g), down), layer.scale());
      same(now.rows("db" + i, 0, layer.out(), layer.rank()), db);
      same(
          now.rows("da", group.firstRank(i) * group.in(), layer.rank(), group.in()),
          times(transpose(gb), before.adapterInput(i)));
      dx = plus(dx, times(g, before.w(i)), 1);
      if (dropout) {
        int first = i * group.rows() * group.in();
        same(now.rows("dd", first, group.rows(), group.in()), times(gb, before.a(i)));
      } else {
        dx = plus(dx, times(gb, before.a(i)), 1);
      }
    }
    same(now.rows("dx", 0, group.rows(), group.in()), dx);

    interpreter.run(LoraPlans.merge(group, 1));
    for (int i = 0; i < layers; i++) {
      double[][] delta = times(before.b(i), before.a(i));
      same(now.w(i), plus(before.w(i), delta, group.layers().get(i).scale()));
    }
    interpreter.run(LoraPlans.merge(group, -1));
    for (int i = 0; i < layers; i++) {
      same(now.w(i), before.w(i));
    }
  }

  private static LoraGroup attention(boolean dropout) {
    LoraGroup.Layer layer = new LoraGroup.Layer(768, 8, 2, true, false);
    return new LoraGroup(4096, 768, List.of(layer, layer, layer), dropout);
  }

  @Test
  void query_key_and_value_take_few_calls() {
    assertThat(LoraPlans.forward(attention(false))).hasSize(3 + 1 + 1);
    assertThat(LoraPlans.backward(attention(false), ALL)).hasSize(1 + 1 + 1 + 3 + 1);
    assertThat(LoraPlans.backward(attention(false), new LoraPlans.Wanted(false, true, true)))
        .as("no gradient of the input")
        .hasSize(1 + 1 + 1);
    assertThat(LoraPlans.backward(attention(false), new LoraPlans.Wanted(true, false, false)))
        .as("frozen adapters")
        .hasSize(1 + 3 + 1);
    Gemm down = (Gemm) LoraPlans.forward(attention(false)).get(3);
    assertThat(down.m()).isEqualTo(24);
    assertThat(down.n()).isEqualTo(4096);
    assertThat(down.k()).isEqualTo(768);
  }

  @Test
  void inputs_of_their_own_are_a_batch_at_equal_strides() {
    Gemm down = (Gemm) LoraPlans.forward(attention(true)).get(3);

    assertThat(down.batch()).isEqualTo(3);
    assertThat(down.a().stride()).isEqualTo(8 * 768);
    assertThat(down.b().stride()).isEqualTo(4096 * 768);
    assertThat(down.c().stride()).isEqualTo(8);
    assertThat(down.c().ld()).isEqualTo(24);
  }

  @Test
  void gelu_follows_the_bias() {
    Map<String, double[]> buffers =
        Map.of(
            "x", new double[] {1, 2},
            "w", new double[] {0.5, 0.25, -1, 1},
            "b", new double[] {0.5, -2},
            "y", new double[2]);
    Gemm product =
        Gemm.of(Matrix.of("y", 1, 2), Matrix.of("x", 1, 2), Matrix.of("w", 2, 2).t(), 1, 0)
            .with(Gemm.Epilogue.GELU_BIAS, "b");
    new PlanInterpreter(buffers).run(List.of(product));

    assertThat(buffers.get("y")[0]).isCloseTo(1.399572, within(1e-6)); // gelu_tanh(1.5)
    assertThat(buffers.get("y")[1]).isCloseTo(-0.158808, within(1e-6)); // gelu_tanh(-1)
  }

  @Test
  void what_does_not_fit_is_refused() {
    assertThatThrownBy(
            () -> Gemm.of(Matrix.of("c", 2, 2), Matrix.of("a", 2, 3), Matrix.of("b", 2, 2), 1, 0))
        .hasMessage("product: got c[2, 2] = a[2, 3] b[2, 2], expected [n, m] = [n, k] [k, m]");
    assertThatThrownBy(() -> Matrix.of("a", 0, 3)).hasMessageContaining("got 0 x 3");
    assertThatThrownBy(() -> new LoraGroup(1, 1, List.of(), false))
        .hasMessageContaining("expected sizes of 1 or more");
    assertThatThrownBy(() -> new Grouped(List.of())).hasMessageContaining("two or more");
  }
}
