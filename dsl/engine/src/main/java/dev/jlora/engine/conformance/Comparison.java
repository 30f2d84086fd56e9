package dev.jlora.engine.conformance;

import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Collects deviations from expected numbers, each as a multiple of its tolerance. */
final class Comparison {
  private static final int SHOWN = 3;

  private double largest;
  private String worst = "";
  private int compared;
  private final List<String> problems = new ArrayList<>();

  /**
   * An allowed deviation.
   *
   * @param absolute part for every number
   * @param relative part proportional to the expected number
   */
  record Tolerance(double absolute, double relative) {
    static Tolerance absolute(double value) {
      return new Tolerance(value, 0);
    }

    double of(double expected) {
      return absolute + relative * Math.abs(expected);
    }
  }

  /**
   * Compares a tensor, including its shape. A single number may be a scalar or have one element.
   */
  void tensor(String name, Tensor actual, Tensor expected, Tolerance tolerance) {
    boolean scalars = actual.elements() == 1 && expected.elements() == 1;
    if (!scalars && !Arrays.equals(actual.shape(), expected.shape())) {
      problem(
          "%s: got shape %s, expected %s"
              .formatted(name, Arrays.toString(actual.shape()), Arrays.toString(expected.shape())));
      return;
    }
    double[] got = values(actual);
    double[] wanted = values(expected);
    double ratio = 0;
    for (int i = 0; i < got.length; i++) {
      ratio = Math.max(ratio, ratio(got[i], wanted[i], tolerance));
    }
    note(name, ratio);
  }

  private static double[] values(Tensor tensor) {
    return tensor.dtype().floating()
        ? tensor.toDoubles()
        : Arrays.stream(tensor.toLongs()).asDoubleStream().toArray();
  }

  /** Compares a number. */
  void number(String name, double actual, double expected, Tolerance tolerance) {
    note(name, ratio(actual, expected, tolerance));
  }

  /** Compares a count, which must be exact. */
  void count(String name, long actual, long expected) {
    compared++;
    if (actual != expected) {
      problem("%s: got %,d, expected %,d".formatted(name, actual, expected));
    }
  }

  /** Records something that cannot be compared. */
  void problem(String text) {
    problems.add(text);
  }

  private static double ratio(double actual, double expected, Tolerance tolerance) {
    double ratio = Math.abs(actual - expected) / tolerance.of(expected);
    return Double.isNaN(ratio) ? Double.POSITIVE_INFINITY : ratio;
  }

  private void note(String name, double ratio) {
    compared++;
    if (ratio >= largest) {
      largest = ratio;
      worst = name;
    }
    if (ratio > 1) {
      problem(String.format(Locale.ROOT, "%s: %.3g times its tolerance", name, ratio));
    }
  }

  CaseResult result(String name, String kind) {
    String message =
        String.join("; ", problems.subList(0, Math.min(SHOWN, problems.size())))
            + (problems.size() > SHOWN ? "; and %d more".formatted(problems.size() - SHOWN) : "");
    return new CaseResult(
        name,
        kind,
        problems.isEmpty() ? CaseResult.Status.PASSED : CaseResult.Status.FAILED,
        largest,
        worst,
        compared,
        message);
  }
}
