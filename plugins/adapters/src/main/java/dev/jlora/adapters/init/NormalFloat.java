package dev.jlora.adapters.init;

import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;

/**
 * The k-bit NormalFloat (QLoRA, arXiv:2305.14314, section 3): quantiles of the normal distribution,
 * scaled to [-1, 1], one of which is zero. Values are quantized in blocks, each scaled by its
 * largest magnitude.
 */
final class NormalFloat {
  /** Values that share a scale. */
  static final int BLOCK = 64;

  /** The probability of the outermost quantile, as in QLoRA and PEFT. */
  private static final double OFFSET = 0.9677083;

  private static final Operator ERFINV = Operator.of("aten::erfinv");

  private final float[] levels;

  private NormalFloat(float[] levels) {
    this.levels = levels;
  }

  /**
   * @param bits of a value: 2, 4 or 8
   */
  static NormalFloat ofBits(int bits) {
    int count = 1 << bits;
    double[] probabilities = new double[count];
    for (int i = 0; i < count / 2; i++) { // one more positive value than negative ones
      probabilities[i] = OFFSET + (0.5 - OFFSET) * i / (count / 2);
    }
    for (int i = 0; i < count / 2 - 1; i++) {
      probabilities[count / 2 + i] = 1 - (OFFSET + (0.5 - OFFSET) * i / (count / 2 - 1));
    }
    probabilities[count - 1] = 0.5;
    double[] quantiles = quantiles(probabilities);
    Arrays.sort(quantiles);
    float[] levels = new float[count];
    for (int i = 0; i < count; i++) {
      levels[i] = (float) quantiles[i] / (float) quantiles[count - 1];
    }
    return new NormalFloat(levels);
  }

  /** Quantiles of the standard normal distribution. */
  private static double[] quantiles(double[] probabilities) {
    try (var _ = Scope.open()) {
      double[] arguments = Arrays.stream(probabilities).map(p -> 2 * p - 1).toArray();
      double[] found = ERFINV.one(Tensor.of(arguments, arguments.length)).toDoubles();
      return Arrays.stream(found).map(value -> value * Math.sqrt(2)).toArray();
    }
  }

  /** The levels in ascending order, from -1 to 1. */
  float[] levels() {
    return levels.clone();
  }

  /**
   * The values that remain after quantization.
   *
   * @param weight FLOAT32 on the host, a multiple of {@link #BLOCK} elements, row-major
   * @return a new tensor of the same shape
   */
  Tensor rounded(Tensor weight) {
    float[] values = weight.toFloats();
    for (int from = 0; from < values.length; from += BLOCK) {
      round(values, from, Math.min(values.length, from + BLOCK));
    }
    return Tensor.of(values, weight.shape());
  }

  private void round(float[] values, int from, int to) {
    float largest = 0;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
    }
    for (int i = from; i < to; i++) {
      values[i] = largest == 0 ? 0 : nearest(values[i] / largest) * largest;
    }
  }

  private float nearest(float value) {
    int above = Arrays.binarySearch(levels, value);
    if (above >= 0) {
      return levels[above];
    }
    above = -above - 1;
    if (above == 0) {
      return levels[0];
    }
    if (above == levels.length) {
      return levels[above - 1];
    }
    boolean lower = value - levels[above - 1] <= levels[above] - value;
    return levels[lower ? above - 1 : above];
  }
}
