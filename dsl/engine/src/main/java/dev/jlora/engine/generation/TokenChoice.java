package dev.jlora.engine.generation;

import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Chooses the next token of one row from its logits, as transformers does: repetition penalty,
 * temperature, top-k, top-p, in this order. Rows have separate random streams, so that a row gets
 * the same tokens in any batch.
 */
final class TokenChoice {
  private final GenerationSettings settings;
  private final SplittableRandom random;
  private final BitSet seen = new BitSet();

  TokenChoice(GenerationSettings settings, int row, int[] prompt) {
    this.settings = settings;
    this.random = new SplittableRandom(settings.seed() * 0x9E3779B97F4A7C15L + row);
    for (int id : prompt) {
      seen.set(id);
    }
  }

  /**
   * Chooses the token.
   *
   * @param logits one per id; modified
   */
  int next(float[] logits) {
    if (settings.repetitionPenalty() != 1) {
      penalize(logits);
    }
    int id = settings.temperature() == 0 ? likeliest(logits) : drawn(logits);
    seen.set(id);
    return id;
  }

  private void penalize(float[] logits) {
    double penalty = settings.repetitionPenalty();
    seen.stream().forEach(id -> logits[id] *= (float) (logits[id] > 0 ? 1 / penalty : penalty));
  }

  /** The index of the largest number; the first one of several. */
  static int likeliest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  private int drawn(float[] logits) {
    double[] weights = weights(logits);
    int[] order = candidates(weights);
    double total = Arrays.stream(order).mapToDouble(id -> weights[id]).sum();
    double left = random.nextDouble() * total;
    for (int id : order) {
      left -= weights[id];
      if (left < 0) {
        return id;
      }
    }
    return order[0];
  }

  /** exp((logit - largest) / temperature): probabilities up to a factor. */
  private double[] weights(float[] logits) {
    double largest = logits[likeliest(logits)];
    double[] weights = new double[logits.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Math.exp((logits[i] - largest) / settings.temperature());
    }
    return weights;
  }

  /** The ids that may be sampled, the most probable first if some are excluded. */
  private int[] candidates(double[] weights) {
    boolean limited = settings.topK() > 0 || settings.topP() < 1;
    if (!limited) {
      return IntStream.range(0, weights.length).toArray();
    }
    int[] order =
        IntStream.range(0, weights.length)
            .boxed()
            .sorted((a, b) -> Double.compare(weights[b], weights[a]))
            .mapToInt(Integer::intValue)
            .toArray();
    int kept = settings.topK() > 0 ? Math.min(settings.topK(), order.length) : order.length;
    if (settings.topP() < 1) {
      double total = Arrays.stream(order, 0, kept).mapToDouble(id -> weights[id]).sum();
      double reached = 0;
      int count = 0;
      while (count < kept && reached < settings.topP() * total) {
        reached += weights[order[count++]];
      }
      kept = count;
    }
    return Arrays.copyOf(order, kept);
  }
}
