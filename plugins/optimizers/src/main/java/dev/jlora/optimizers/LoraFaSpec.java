package dev.jlora.optimizers;

import dev.jlora.spec.Problems;
import dev.jlora.spec.Spec;

/**
 * Parameters of {@code lorafa}, by the names of PEFT's {@code LoraFAOptimizer}.
 *
 * @param eps added to the root of the second moment; default 1e-6. The common {@code epsilon} does
 *     not apply
 * @param correctBias whether the moments are corrected for their start at zero; default true
 * @param bfloat16 whether the projected gradient is computed in BFLOAT16, as PEFT does by autocast;
 *     false computes it in the parameter's dtype. Default true
 */
public record LoraFaSpec(double eps, boolean correctBias, boolean bfloat16) implements Spec {

  public LoraFaSpec {
    Problems.in("optimizer")
        .unless(eps > 0 && Double.isFinite(eps), "eps: got %s, expected above 0", eps)
        .throwIfAny();
  }

  public static LoraFaSpec defaults() {
    return new LoraFaSpec(1e-6, true, true);
  }
}
