package dev.jlora.adapters.init;

import dev.jlora.ops.LinearAlgebra.Svd;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The principal components of rows that arrive in batches (Ross et al., "Incremental Learning for
 * Robust Visual Tracking", IJCV 2008, section 3.1): each batch is decomposed together with the
 * components so far and a row that corrects the mean.
 */
final class IncrementalPca {
  private static final int ITERATIONS = 4;

  private final int count;
  private final int width;
  private final float[] sketch;
  private final int sketched;
  private long rows;
  private final double[] mean;
  private final double[] squares; // sums of squared deviations from the mean
  private float[] components = {};
  private float[] singular = {};
  private double[] similarity = {};

  /**
   * @param count number of components, at most {@code width}
   * @param width of a row
   * @param random for the decompositions
   */
  IncrementalPca(int count, int width, SplittableRandom random) {
    this.count = count;
    this.width = width;
    this.sketched = Math.min(2 * count, width);
    this.sketch = new float[width * sketched];
    for (int i = 0; i < sketch.length; i++) {
      sketch[i] = (float) random.nextGaussian();
    }
    this.mean = new double[width];
    this.squares = new double[width];
  }

  /**
   * Adds rows; a batch of fewer rows than there are components is ignored.
   *
   * @param batch [n, width], FLOAT32
   */
  void add(Tensor batch) {
    int n = Math.toIntExact(batch.size(0));
    if (n < Math.max(count, 2)) {
      return;
    }
    float[] values = batch.toFloats();
    double[] batchMean = new double[width];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < width; j++) {
        batchMean[j] += values[i * width + j] / n;
      }
    }
    int known = singular.length;
    boolean first = known == 0;
    float[] stacked = new float[(known + n + (first ? 0 : 1)) * width];
    for (int i = 0; i < known; i++) {
      for (int j = 0; j < width; j++) {
        stacked[i * width + j] = singular[i] * components[i * width + j];
      }
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < width; j++) {
        stacked[(known + i) * width + j] = (float) (values[i * width + j] - batchMean[j]);
      }
    }
    if (!first) {
      double factor = Math.sqrt((double) rows * n / (rows + n));
      for (int j = 0; j < width; j++) {
        stacked[(known + n) * width + j] = (float) (factor * (mean[j] - batchMean[j]));
      }
    }
    include(values, n, batchMean);
    decompose(stacked);
  }

  /** Updates the means and the sums of squares (Chan et al., 1979). */
  private void include(float[] values, int n, double[] batchMean) {
    for (int j = 0; j < width; j++) {
      double own = 0;
      for (int i = 0; i < n; i++) {
        double deviation = values[i * width + j] - batchMean[j];
        own += deviation * deviation;
      }
      double apart = batchMean[j] - mean[j];
      squares[j] += own + apart * apart * rows * n / (rows + n);
      mean[j] += apart * n / (rows + n);
    }
    rows += n;
  }

  private void decompose(float[] stacked) {
    try (var _ = Scope.open()) {
      int height = stacked.length / width;
      int k = Math.min(sketched, height);
      Tensor random = Tensor.of(Arrays.copyOf(sketch, width * k), width, k);
      Svd svd = RandomizedSvd.of(Tensor.of(stacked, height, width), random, ITERATIONS);
      float[] found = Arrays.copyOf(Ops.contiguous(svd.vh()).toFloats(), count * width);
      for (int i = 0; i < count; i++) {
        orient(found, i);
      }
      similarity = similarities(found);
      components = found;
      singular = Arrays.copyOf(svd.s().toFloats(), count);
    }
  }

  /** The sign of a singular vector is arbitrary: its largest element becomes positive. */
  private void orient(float[] found, int row) {
    int largest = row * width;
    for (int j = row * width; j < (row + 1) * width; j++) {
      if (Math.abs(found[j]) > Math.abs(found[largest])) {
        largest = j;
      }
    }
    if (found[largest] < 0) {
      for (int j = row * width; j < (row + 1) * width; j++) {
        found[j] = -found[j];
      }
    }
  }

  private double[] similarities(float[] found) {
    double[] cosines = new double[count];
    for (int i = 0; i < count && components.length > 0; i++) {
      double product = 0;
      for (int j = i * width; j < (i + 1) * width; j++) {
        product += found[j] * (double) components[j]; // both of length 1
      }
      cosines[i] = product;
    }
    return cosines;
  }

  /** Whether there are components. */
  boolean started() {
    return rows > 0;
  }

  /** Whether the last batch turned none of the first {@code rank} components by more than this. */
  boolean converged(int rank, double cosine) {
    return started() && Arrays.stream(similarity).limit(rank).allMatch(value -> value >= cosine);
  }

  /** The share of the variance that a component explains. */
  double explained(int component) {
    double all = Arrays.stream(squares).sum();
    return all == 0 ? 0 : singular[component] * (double) singular[component] / all;
  }

  /** The singular values, in descending order. */
  float[] singularValues() {
    return singular.clone();
  }

  /** The first components, [rank, width] row by row, each of length 1. */
  float[] components(int rank) {
    return Arrays.copyOf(components, rank * width);
  }
}
