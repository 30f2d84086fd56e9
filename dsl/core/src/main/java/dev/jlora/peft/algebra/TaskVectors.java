package dev.jlora.peft.algebra;

import dev.jlora.spec.CombinationSpec;
import dev.jlora.spec.CombinationSpec.MajoritySign;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Weighted sums of vectors that are pruned before, as PEFT's {@code merge_utils} computes them:
 * magnitude pruning, TIES (Yadav et al., arXiv 2306.01708) and DARE (Yu et al., arXiv 2311.03099).
 */
final class TaskVectors {
  private final CombinationSpec spec;
  private final SplittableRandom random;

  /**
   * @param random of DARE's pruning
   */
  TaskVectors(CombinationSpec spec, SplittableRandom random) {
    this.spec = spec;
    this.random = random;
  }

  /** The combination of vectors of one length. */
  double[] combined(List<double[]> vectors, double[] weights) {
    List<double[]> pruned =
        spec.combinationType().prunes() ? vectors.stream().map(this::pruned).toList() : vectors;
    return spec.combinationType().electsSigns()
        ? disjointMean(pruned, weights)
        : sum(pruned, weights);
  }

  private double[] pruned(double[] values) {
    double density = spec.density();
    if (density == 1) {
      return values;
    }
    return spec.combinationType().random() ? dropped(values, density) : largest(values, density);
  }

  /** Keeps each value with a probability, divided by it. */
  private double[] dropped(double[] values, double density) {
    double[] kept = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      kept[i] = random.nextDouble() < density ? values[i] / density : 0;
    }
    return kept;
  }

  /** Keeps the share of the values that are largest without their sign; of equal ones the first. */
  private static double[] largest(double[] values, double density) {
    int count = (int) (density * values.length);
    double[] sizes = Arrays.stream(values).map(Math::abs).sorted().toArray();
    double least = count == 0 ? Double.POSITIVE_INFINITY : sizes[values.length - count];
    int above = (int) Arrays.stream(sizes).filter(size -> size > least).count();
    int equal = count - above;
    double[] kept = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      double size = Math.abs(values[i]);
      if (size > least || size == least && equal-- > 0) {
        kept[i] = values[i];
      }
    }
    return kept;
  }

  private static double[] sum(List<double[]> vectors, double[] weights) {
    double[] sum = new double[vectors.getFirst().length];
    for (int k = 0; k < weights.length; k++) {
      double[] vector = vectors.get(k);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += weights[k] * vector[i];
      }
    }
    return sum;
  }

  /** The mean of the weighted values whose sign is the majority's. */
  private double[] disjointMean(List<double[]> vectors, double[] weights) {
    boolean total = spec.majoritySignMethod() == MajoritySign.TOTAL;
    double[] mean = new double[vectors.getFirst().length];
    for (int i = 0; i < mean.length; i++) {
      double votes = 0;
      for (double[] vector : vectors) {
        votes += total ? vector[i] : Math.signum(vector[i]);
      }
      double sign = votes >= 0 ? 1 : -1;
      double sum = 0;
      int count = 0;
      for (int k = 0; k < weights.length; k++) {
        double value = vectors.get(k)[i];
        if (Math.signum(value) == sign) {
          sum += weights[k] * value;
          count++;
        }
      }
      mean[i] = sum / Math.max(count, 1);
    }
    return mean;
  }
}
