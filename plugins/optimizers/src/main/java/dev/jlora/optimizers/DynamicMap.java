package dev.jlora.optimizers;

import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;

/**
 * The 256 values of an 8-bit code, and the borders between them: dynamic tree quantization
 * (arXiv:2110.02861, section 2.1), with the tables of bitsandbytes. The values between 0 and 1 are
 * in seven decades, each with twice as many as the one below, so that small ones keep their
 * relative precision.
 *
 * @param values FLOAT32 [256], ascending
 * @param borders FLOAT32 [255]: a number above a border belongs to the value above it
 */
record DynamicMap(Tensor values, Tensor borders) {
  private static final int CODES = 256;
  private static final int DECADES = 7;
  private static final double LOWEST_SHARE = 0.1;

  /** The map on a device, owned by the current scope; {@code signed} for numbers of either sign. */
  static DynamicMap on(Device device, boolean signed) {
    float[] values = values(signed);
    float[] borders = new float[CODES - 1];
    for (int i = 0; i < borders.length; i++) {
      borders[i] = (values[i] + values[i + 1]) / 2;
    }
    return new DynamicMap(Tensor.of(values).to(device), Tensor.of(borders).to(device));
  }

  /** From -1 to 1, or from 0 to 1. */
  static float[] values(boolean signed) {
    float[] values = new float[CODES]; // 0 is one of them
    int count = 0;
    for (int decade = 0; decade < DECADES; decade++) {
      double scale = Math.pow(10, decade - (DECADES - 1));
      int steps = 1 << (signed ? decade : decade + 1);
      for (int i = 0; i < steps; i++) {
        double middle = LOWEST_SHARE + (1 - LOWEST_SHARE) * (i + 0.5) / steps;
        values[count++] = (float) (scale * middle);
        if (signed) {
          values[count++] = (float) (-scale * middle);
        }
      }
    }
    values[count] = 1;
    Arrays.sort(values);
    return values;
  }
}
