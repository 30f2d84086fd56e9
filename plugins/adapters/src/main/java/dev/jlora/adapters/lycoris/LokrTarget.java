package dev.jlora.adapters.lycoris;

import dev.jlora.autograd.Functions;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameters;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A module whose weight changes by a Kronecker product w1 (x) w2. With out = l k and in = m n, the
 * left factor is [l, m] and the right one [k, n], or [k, n, kernel, kernel]; each is a parameter,
 * or a product of two with the rank between them.
 */
record LokrTarget(TargetModule module, int rank, double alpha, LokrSpec spec)
    implements LycorisTarget {
  static final String W1 = "lokr_w1";
  static final String W1_A = "lokr_w1_a";
  static final String W1_B = "lokr_w1_b";
  static final String W2 = "lokr_w2";
  static final String W2_A = "lokr_w2_a";
  static final String W2_B = "lokr_w2_b";
  static final String T2 = "lokr_t2";

  private Factors out() {
    return Factors.of(module.out(), spec.decomposeFactor());
  }

  private Factors in() {
    return Factors.of(module.in(), spec.decomposeFactor());
  }

  private boolean leftIsProduct() {
    return spec.decomposeBoth() && isSmaller(out().left(), in().left());
  }

  private boolean rightIsProduct() {
    return isSmaller(out().right(), in().right());
  }

  /** Whether the rank is less than half of the larger side. */
  private boolean isSmaller(long rows, long columns) {
    return 2L * rank < Math.max(rows, columns);
  }

  @Override
  public List<OwnParameter> parameters() {
    List<OwnParameter> all = new ArrayList<>();
    left(all, spec.initWeights() == LokrInit.DEFAULT);
    right(all, spec.initWeights() == LokrInit.LYCORIS);
    return all;
  }

  private void left(List<OwnParameter> all, boolean zero) {
    if (leftIsProduct()) {
      all.add(Tucker.zero(zero, W1_A, out().left(), rank));
      all.add(Tucker.random(W1_B, rank, in().left()));
    } else {
      all.add(Tucker.zero(zero, W1, out().left(), in().left()));
    }
  }

  private void right(List<OwnParameter> all, boolean zero) {
    long rows = out().right();
    long columns = in().right();
    long kernel = module.kernel();
    if (!rightIsProduct()) {
      all.add(
          convolution()
              ? Tucker.zero(zero, W2, rows, columns, kernel, kernel)
              : Tucker.zero(zero, W2, rows, columns));
    } else if (tucker()) {
      all.add(Tucker.random(W2_A, rank, rows));
      all.add(Tucker.zero(zero, W2_B, rank, columns));
      all.add(Tucker.random(T2, rank, rank, kernel, kernel));
    } else {
      all.add(Tucker.random(W2_A, rows, rank));
      all.add(Tucker.zero(zero, W2_B, rank, columns * kernel * kernel));
    }
  }

  private boolean convolution() {
    return module.kind() == TargetModule.Kind.CONVOLUTION;
  }

  @Override
  public AdapterLayer layer(OwnParameters own) {
    WeightChange left = leftIsProduct() ? product(own, W1_A, W1_B) : _ -> own.get(W1).value();
    WeightChange right =
        !rightIsProduct()
            ? _ -> own.get(W2).value()
            : tucker()
                ? tape ->
                    Tucker.kernel(
                        tape, own.get(T2).value(), own.get(W2_A).value(), own.get(W2_B).value())
                : product(own, W2_A, W2_B);
    long l = out().left();
    long m = in().left();
    long k = out().right();
    return layer(
        own,
        spec.rankDropoutScale(),
        tape -> {
          Tensor w1 = Functions.reshape(tape, left.compute(tape), l, 1, m, 1);
          Tensor w2 = Functions.reshape(tape, right.compute(tape), 1, k, 1, -1);
          return Functions.mul(tape, w1, w2); // [l, k, m, n kernel kernel]
        });
  }

  private static WeightChange product(OwnParameters own, String a, String b) {
    return tape -> Functions.matmul(tape, own.get(a).value(), own.get(b).value());
  }
}
