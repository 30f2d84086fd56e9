package dev.jlora.tasks.metrics;

/** The measure of one class; 0 if it is undefined, as in scikit-learn. */
enum Measure {
  F1("f1") {
    @Override
    double of(Counts counts, int c) {
      return ratio(
          2 * counts.truePositives()[c],
          2 * counts.truePositives()[c] + counts.falsePositives()[c] + counts.falseNegatives()[c]);
    }
  },
  PRECISION("precision") {
    @Override
    double of(Counts counts, int c) {
      return ratio(
          counts.truePositives()[c], counts.truePositives()[c] + counts.falsePositives()[c]);
    }
  },
  RECALL("recall") {
    @Override
    double of(Counts counts, int c) {
      return ratio(
          counts.truePositives()[c], counts.truePositives()[c] + counts.falseNegatives()[c]);
    }
  };

  private final String label;

  Measure(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  abstract double of(Counts counts, int c);

  private static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }
}
