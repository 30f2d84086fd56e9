package dev.jlora.adapters.lycoris;

import dev.jlora.spec.TargetedSpec;
import java.util.Map;

/** The settings that LoHa and LoKr share: those of PEFT's {@code LycorisConfig}. */
public interface LycorisSpec extends TargetedSpec {

  /** PEFT's {@code r}. */
  int rank();

  /** The numerator of the scaling alpha / rank. */
  double alpha();

  /** The probability with which a row of the change of a weight is left out in training. */
  double rankDropout();

  /** The probability with which a step leaves out a module's adapter. */
  double moduleDropout();

  /** Whether convolutions with a kernel above 1 x 1 are decomposed in all dimensions. */
  boolean useEffectiveConv2d();

  /** Ranks of individual modules, by a regular expression for the end of their name. */
  Map<String, Integer> rankPattern();

  /** Alphas of individual modules, by a regular expression for the end of their name. */
  Map<String, Double> alphaPattern();
}
