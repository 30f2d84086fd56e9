package dev.jlora.kernels;

import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/** Attention and its gradients in doubles, one number after the other. */
final class AttentionByHand {
  final int batch;
  final int heads;
  final int rows;
  final int keys;
  final int width;

  final double[] out;
  final double[] dq;
  final double[] dk;
  final double[] dv;

  /**
   * @param kept [b, h, s, t]: the mask of the dropout with its scale; null for none
   */
  AttentionByHand(
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor g,
      @Nullable Tensor mask,
      boolean causal,
      double scale,
      double @Nullable [] kept) {
    batch = (int) q.size(0);
    heads = (int) q.size(1);
    rows = (int) q.size(2);
    keys = (int) k.size(2);
    width = (int) q.size(3);
    double[] added = mask == null ? null : Views.expand(mask, batch, heads, rows, keys).toDoubles();
    double[] queries = q.toDoubles();
    double[] keyed = k.toDoubles();
    double[] values = v.toDoubles();
    double[] gradient = g.toDoubles();
    out = new double[queries.length];
    dq = new double[queries.length];
    dk = new double[keyed.length];
    dv = new double[values.length];
    for (int head = 0; head < batch * heads; head++) {
      for (int i = 0; i < rows; i++) {
        int row = (head * rows + i) * width;
        double[] p = new double[keys];
        for (int j = 0; j < keys; j++) {
          double score = 0;
          for (int c = 0; c < width; c++) {
            score += queries[row + c] * keyed[(head * keys + j) * width + c];
          }
          score = score * scale + (added == null ? 0 : added[(head * rows + i) * keys + j]);
          p[j] = causal && j > i ? Double.NEGATIVE_INFINITY : score;
        }
        softmax(p);
        double[] dropped = p.clone();
        double[] dp = new double[keys];
        double sum = 0;
        for (int j = 0; j < keys; j++) {
          double m = kept == null ? 1 : kept[(head * rows + i) * keys + j];
          dropped[j] *= m;
          for (int c = 0; c < width; c++) {
            int at = (head * keys + j) * width + c;
            out[row + c] += dropped[j] * values[at];
            dv[at] += dropped[j] * gradient[row + c];
            dp[j] += m * gradient[row + c] * values[at];
          }
          sum += p[j] * dp[j];
        }
        for (int j = 0; j < keys; j++) {
          double ds = scale * p[j] * (dp[j] - sum);
          for (int c = 0; c < width; c++) {
            int at = (head * keys + j) * width + c;
            dq[row + c] += ds * keyed[at];
            dk[at] += ds * queries[row + c];
          }
        }
      }
    }
  }

  private static void softmax(double[] scores) {
    double largest = Double.NEGATIVE_INFINITY;
    for (double score : scores) {
      largest = Math.max(largest, score);
    }
    double sum = 0;
    for (int j = 0; j < scores.length; j++) {
      scores[j] = Math.exp(scores[j] - largest);
      sum += scores[j];
    }
    for (int j = 0; j < scores.length; j++) {
      scores[j] /= sum;
    }
  }
}
