package dev.jlora.tasks;

/**
 * The most probable answer in a context: a first and a last token within a maximum distance.
 *
 * @param first the first token of the answer; -1 if the context has no tokens
 * @param last the last one
 * @param score the sum of their logits
 * @param none the same sum for the first token of the sequence, which represents no answer
 * @param probability of this answer, among all starts and ends
 * @param noneProbability of no answer
 */
record SpanChoice(
    int first, int last, double score, double none, double probability, double noneProbability) {
  /** Maximum number of tokens of an answer, as in transformers. */
  private static final int LONGEST = 30;

  /**
   * Chooses the answer of one row of a batch.
   *
   * @param starts logits of all rows, flat
   * @param offset of the row's first token in the logits
   */
  static SpanChoice of(double[] starts, double[] ends, int offset, Context context) {
    int length = context.starts().length;
    int first = -1;
    int last = -1;
    double best = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < length; i++) {
      for (int j = i; context.has(i) && j < Math.min(length, i + LONGEST); j++) {
        double score = starts[offset + i] + ends[offset + j];
        if (context.has(j) && score > best) {
          best = score;
          first = i;
          last = j;
        }
      }
    }
    double none = starts[offset] + ends[offset];
    double all = sum(starts, offset, context) + sum(ends, offset, context); // logarithms
    return new SpanChoice(first, last, best, none, Math.exp(best - all), Math.exp(none - all));
  }

  /** The log of the sum of exp of the logits of the first token and the context. */
  private static double sum(double[] logits, int offset, Context context) {
    double largest = logits[offset];
    for (int i = 0; i < context.starts().length; i++) {
      largest = context.has(i) ? Math.max(largest, logits[offset + i]) : largest;
    }
    double sum = Math.exp(logits[offset] - largest);
    for (int i = 0; i < context.starts().length; i++) {
      sum += context.has(i) ? Math.exp(logits[offset + i] - largest) : 0;
    }
    return largest + Math.log(sum);
  }

  /** Whether no answer is more probable. */
  boolean isNone() {
    return first < 0 || none > score;
  }

  String text(Context context) {
    return first < 0 ? "" : context.text(first, last);
  }
}
