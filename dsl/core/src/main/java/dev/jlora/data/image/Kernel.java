package dev.jlora.data.image;

/**
 * The weights of one direction of a resize, in PIL's fixed-point numbers: output pixel i is the
 * weighted sum of {@code count[i]} input pixels from {@code first[i]} on.
 *
 * @param weights {@code reach} for every output pixel
 */
record Kernel(int reach, int[] first, int[] count, int[] weights) {
  /** Fractional bits: eight bits are the pixel's, two are headroom for overshoot. */
  private static final int PRECISION = 32 - 8 - 2;

  /** Initial value of a sum, so that the shift rounds. */
  static final int HALF = 1 << (PRECISION - 1);

  /**
   * Weights for resizing {@code from} pixels to {@code to}.
   *
   * @param filter its support is scaled by the factor of a reduction, for antialiasing
   */
  static Kernel of(int from, int to, Filter filter) {
    double scale = (double) from / to;
    double stretch = Math.max(scale, 1);
    double support = filter.support() * stretch;
    int reach = (int) Math.ceil(support) * 2 + 1;
    Kernel kernel = new Kernel(reach, new int[to], new int[to], new int[to * reach]);
    double[] weights = new double[reach];
    for (int i = 0; i < to; i++) {
      double center = (i + 0.5) * scale;
      int first = Math.max((int) (center - support + 0.5), 0);
      int count = Math.min((int) (center + support + 0.5), from) - first;
      double sum = 0;
      for (int k = 0; k < count; k++) {
        weights[k] = filter.weight((k + first - center + 0.5) / stretch);
        sum += weights[k];
      }
      kernel.first[i] = first;
      kernel.count[i] = count;
      for (int k = 0; k < count; k++) {
        kernel.weights[i * reach + k] = fixed(sum == 0 ? weights[k] : weights[k] / sum);
      }
    }
    return kernel;
  }

  private static int fixed(double weight) {
    return (int) ((weight < 0 ? -0.5 : 0.5) + weight * (1 << PRECISION));
  }

  /** A sum as a pixel value, 0 to 255. */
  static byte pixel(int sum) {
    return (byte) Math.clamp(sum >> PRECISION, 0, 255);
  }
}
