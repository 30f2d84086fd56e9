package dev.jlora.adapters.lycoris;

import dev.jlora.autograd.Functions;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.OwnParameters;
import java.util.ArrayList;
import java.util.List;

/**
 * A module whose weight changes by the elementwise product of two low-rank matrices, (w1_a w1_b) *
 * (w2_a w2_b) with w1_a, w2_a [out, rank] and w1_b, w2_b [rank, in]; or, for a convolution in
 * Tucker form, of two kernels with t1, t2 [rank, rank, kernel, kernel], w1_a, w2_a [rank, out] and
 * w1_b, w2_b [rank, in].
 */
record LohaTarget(TargetModule module, int rank, double alpha, LohaSpec spec)
    implements LycorisTarget {
  static final String W1_A = "hada_w1_a";
  static final String W1_B = "hada_w1_b";
  static final String W2_A = "hada_w2_a";
  static final String W2_B = "hada_w2_b";
  static final String T1 = "hada_t1";
  static final String T2 = "hada_t2";

  @Override
  public List<OwnParameter> parameters() {
    long out = module.out();
    List<OwnParameter> all = new ArrayList<>();
    if (tucker()) {
      long kernel = module.kernel();
      all.add(Tucker.random(W1_A, rank, out));
      all.add(Tucker.random(W1_B, rank, module.in()));
      all.add(Tucker.random(W2_A, rank, out));
      all.add(Tucker.zero(spec.initWeights(), W2_B, rank, module.in()));
      all.add(Tucker.random(T1, rank, rank, kernel, kernel));
      all.add(Tucker.random(T2, rank, rank, kernel, kernel));
    } else {
      all.add(Tucker.random(W1_A, out, rank));
      all.add(Tucker.random(W1_B, rank, module.fanIn()));
      all.add(Tucker.random(W2_A, out, rank));
      all.add(Tucker.zero(spec.initWeights(), W2_B, rank, module.fanIn()));
    }
    return all;
  }

  @Override
  public AdapterLayer layer(OwnParameters own) {
    WeightChange first = tucker() ? kernel(own, T1, W1_A, W1_B) : product(own, W1_A, W1_B);
    WeightChange second = tucker() ? kernel(own, T2, W2_A, W2_B) : product(own, W2_A, W2_B);
    return layer(
        own,
        /* scaledRows= */ true,
        tape -> Functions.mul(tape, first.compute(tape), second.compute(tape)));
  }

  private static WeightChange product(OwnParameters own, String a, String b) {
    return tape -> Functions.matmul(tape, own.get(a).value(), own.get(b).value());
  }

  private static WeightChange kernel(OwnParameters own, String t, String a, String b) {
    return tape -> Tucker.kernel(tape, own.get(t).value(), own.get(a).value(), own.get(b).value());
  }
}
