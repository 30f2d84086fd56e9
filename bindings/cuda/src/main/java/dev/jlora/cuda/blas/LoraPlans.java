package dev.jlora.cuda.blas;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The cuBLAS calls of an adapted layer, or of several that share an input. The thin products of all
 * layers use as few calls as possible: one product if they read the same input, a batch at equal
 * strides if each reads its own, a group if shapes differ. All of them accumulate in place, so no
 * sum needs a separate pass.
 */
public final class LoraPlans {
  private static final String DOWN = "down";
  private static final String GB = "gb";

  private LoraPlans() {}

  /** y = x W^T + bias + scale x A^T B^T for each layer; writes {@code y<i>} and {@code down}. */
  public static List<Step> forward(LoraGroup group) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < group.layers().size(); i++) {
      Gemm base = Gemm.of(group.y("y", i), group.x(), group.w(i).t(), 1, 0);
      steps.add(group.layers().get(i).bias() ? base.with(Gemm.Epilogue.BIAS, "bias" + i) : base);
    }
    steps.addAll(down(group));
    steps.add(
        each(
            group,
            i ->
                Gemm.of(
                    group.y("y", i),
                    group.slice(DOWN, i),
                    group.b("b", i).t(),
                    group.layers().get(i).scale(),
                    1)));
    return steps;
  }

  private static List<Step> down(LoraGroup group) {
    if (!group.dropout()) {
      return List.of(Gemm.of(group.all(DOWN), group.x(), group.allA().t(), 1, 0));
    }
    int layers = group.layers().size();
    if (layers == 1 || !group.oneRank()) {
      return List.of(
          each(group, i -> Gemm.of(group.slice(DOWN, i), group.dropped(i), group.a(i).t(), 1, 0)));
    }
    int rank = group.layers().getFirst().rank();
    return List.of(
        Gemm.batch(
            layers,
            group.slice(DOWN, 0).every(rank),
            group.dropped(0).every((long) group.rows() * group.in()),
            group.a(0).every((long) rank * group.in()).t(),
            1,
            0));
  }

  /** Which gradients are wanted: those of the input, of the As and of the Bs. */
  public record Wanted(boolean x, boolean a, boolean b) {}

  /**
   * The gradients from those of the outputs, {@code g<i>} [rows, out]: {@code db<i>} [out, rank],
   * {@code da} like a, and {@code dx} [rows, in] through the frozen weights and the adapters, whose
   * common part is written to {@code gb} [rows, sum of ranks] (scaled). With dropout, the adapters'
   * part of the input's gradient is {@code dd} [layers, rows, in], to be masked and added.
   */
  public static List<Step> backward(LoraGroup group, Wanted wanted) {
    List<Step> steps = new ArrayList<>();
    if (wanted.b()) {
      steps.add(
          each(
              group,
              i ->
                  Gemm.of(
                      group.b("db", i),
                      group.y("g", i).t(),
                      group.slice(DOWN, i),
                      group.layers().get(i).scale(),
                      0)));
    }
    if (wanted.a() || wanted.x()) {
      steps.add(throughB(group));
    }
    if (wanted.a()) {
      steps.add(gradientOfA(group));
    }
    if (wanted.x()) {
      steps.addAll(inputGradient(group));
    }
    return steps;
  }

  private static Step gradientOfA(LoraGroup group) {
    if (!group.dropout()) {
      return Gemm.of(like(group.allA(), "da"), group.all(GB).t(), group.x(), 1, 0);
    }
    return each(
        group,
        i -> Gemm.of(like(group.a(i), "da"), group.slice(GB, i).t(), group.dropped(i), 1, 0));
  }

  private static Step throughB(LoraGroup group) {
    return each(
        group,
        i ->
            Gemm.of(
                group.slice(GB, i),
                group.y("g", i),
                group.b("b", i),
                group.layers().get(i).scale(),
                0));
  }

  private static List<Step> inputGradient(LoraGroup group) {
    List<Step> steps = new ArrayList<>();
    Matrix dx = Matrix.of("dx", group.rows(), group.in());
    for (int i = 0; i < group.layers().size(); i++) {
      steps.add(Gemm.of(dx, group.y("g", i), group.w(i), 1, i == 0 ? 0 : 1));
    }
    if (!group.dropout()) {
      steps.add(Gemm.of(dx, group.all(GB), group.allA(), 1, 1));
    } else {
      steps.add(
          each(
              group,
              i -> Gemm.of(like(group.dropped(i), "dd"), group.slice(GB, i), group.a(i), 1, 0)));
    }
    return steps;
  }

  /** W = W + scale B A, in place and with the layout of W; a negative scale reverts it. */
  public static List<Step> merge(LoraGroup group, double sign) {
    return IntStream.range(0, group.layers().size())
        .<Step>mapToObj(
            i -> {
              LoraGroup.Layer layer = group.layers().get(i);
              double scale = sign * layer.scale();
              return layer.transposed()
                  ? Gemm.of(group.w(i).t(), group.a(i).t(), group.b("b", i).t(), scale, 1)
                  : Gemm.of(group.w(i), group.b("b", i), group.a(i), scale, 1);
            })
        .toList();
  }

  private static Step each(LoraGroup group, IntFunction<Gemm> product) {
    return Grouped.of(IntStream.range(0, group.layers().size()).mapToObj(product).toList());
  }

  private static Matrix like(Matrix matrix, String buffer) {
    return new Matrix(
        buffer,
        matrix.offset(),
        matrix.rows(),
        matrix.columns(),
        matrix.ld(),
        matrix.transposed(),
        matrix.stride());
  }
}
