package dev.jlora.bert;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A transformer encoder in plain double arithmetic, one text at a time, written from the equations
 * of the papers and none of the model's own code: attention with softmax(Q K^T / sqrt(d)) V, a
 * feed-forward, LayerNorm after each (arXiv 1706.03762, 1810.04805, 1907.11692, 1910.01108).
 *
 * @param weights every parameter by its checkpoint's name, row-major
 * @param names what the parts of block {@code %d} are called
 */
record StraightLine(Map<String, double[]> weights, Names names, int heads, double epsilon) {

  /** The names of a block's linears and norms, with {@code %d} for its number. */
  record Names(
      String query,
      String key,
      String value,
      String attentionOut,
      String attentionNorm,
      String up,
      String down,
      String norm) {
    static final Names ROBERTA =
        new Names(
            "roberta.encoder.layer.%d.attention.self.query",
            "roberta.encoder.layer.%d.attention.self.key",
            "roberta.encoder.layer.%d.attention.self.value",
            "roberta.encoder.layer.%d.attention.output.dense",
            "roberta.encoder.layer.%d.attention.output.LayerNorm",
            "roberta.encoder.layer.%d.intermediate.dense",
            "roberta.encoder.layer.%d.output.dense",
            "roberta.encoder.layer.%d.output.LayerNorm");
    static final Names DISTILBERT =
        new Names(
            "distilbert.transformer.layer.%d.attention.q_lin",
            "distilbert.transformer.layer.%d.attention.k_lin",
            "distilbert.transformer.layer.%d.attention.v_lin",
            "distilbert.transformer.layer.%d.attention.out_lin",
            "distilbert.transformer.layer.%d.sa_layer_norm",
            "distilbert.transformer.layer.%d.ffn.lin1",
            "distilbert.transformer.layer.%d.ffn.lin2",
            "distilbert.transformer.layer.%d.output_layer_norm");
  }

  /** Embeddings [S][H] through {@code count} blocks; a token sees those that {@code seen} names. */
  double[][] blocks(double[][] x, boolean[] seen, int count) {
    double[][] y = x;
    for (int block = 0; block < count; block++) {
      y = block(y, seen, block);
    }
    return y;
  }

  private double[][] block(double[][] x, boolean[] seen, int block) {
    double[][] mixed = attention(x, seen, block);
    double[][] attended =
        norm(add(x, linear(mixed, at(names.attentionOut, block))), at(names.attentionNorm, block));
    double[][] inner = gelu(linear(attended, at(names.up, block)));
    return norm(add(attended, linear(inner, at(names.down, block))), at(names.norm, block));
  }

  private double[][] attention(double[][] x, boolean[] seen, int block) {
    double[][] q = linear(x, at(names.query, block));
    double[][] k = linear(x, at(names.key, block));
    double[][] v = linear(x, at(names.value, block));
    int width = q[0].length / heads;
    double[][] mixed = new double[x.length][q[0].length];
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < x.length; i++) {
        double[] weight = new double[x.length];
        double total = 0;
        for (int j = 0; j < x.length; j++) {
          double score = 0;
          for (int c = head * width; c < (head + 1) * width; c++) {
            score += q[i][c] * k[j][c];
          }
          weight[j] = seen[j] ? Math.exp(score / Math.sqrt(width)) : 0;
          total += weight[j];
        }
        for (int j = 0; j < x.length; j++) {
          for (int c = head * width; c < (head + 1) * width; c++) {
            mixed[i][c] += weight[j] / total * v[j][c];
          }
        }
      }
    }
    return mixed;
  }

  /** x W^T + b. */
  double[][] linear(double[][] x, String name) {
    return product(x, weights.get(name + ".weight"), weights.get(name + ".bias"));
  }

  /** x W^T + b with W of [out, in]. */
  static double[][] product(double[][] x, double[] w, double[] b) {
    double[][] y = new double[x.length][b.length];
    for (int row = 0; row < x.length; row++) {
      for (int out = 0; out < b.length; out++) {
        y[row][out] = b[out];
        for (int in = 0; in < x[row].length; in++) {
          y[row][out] += x[row][in] * w[out * x[row].length + in];
        }
      }
    }
    return y;
  }

  double[][] norm(double[][] x, String name) {
    double[] scale = weights.get(name + ".weight");
    double[] shift = weights.get(name + ".bias");
    double[][] y = new double[x.length][scale.length];
    for (int row = 0; row < x.length; row++) {
      double mean = 0;
      for (double value : x[row]) {
        mean += value / scale.length;
      }
      double variance = 0;
      for (double value : x[row]) {
        variance += (value - mean) * (value - mean) / scale.length;
      }
      for (int c = 0; c < scale.length; c++) {
        y[row][c] = (x[row][c] - mean) / Math.sqrt(variance + epsilon) * scale[c] + shift[c];
      }
    }
    return y;
  }

  /** The sum of the tables' rows: {@code ids[t]} of table t, for each token. */
  double[][] embed(int width, List<String> tables, int[]... ids) {
    double[][] x = new double[ids[0].length][width];
    for (int table = 0; table < ids.length; table++) {
      double[] rows = weights.get(tables.get(table));
      for (int token = 0; token < x.length; token++) {
        for (int c = 0; c < width; c++) {
          x[token][c] += rows[ids[table][token] * width + c];
        }
      }
    }
    return x;
  }

  static double[][] gelu(double[][] x) {
    return map(x, v -> v * 0.5 * (1 + erf(v / Math.sqrt(2))));
  }

  static double[][] map(double[][] x, java.util.function.DoubleUnaryOperator f) {
    double[][] y = new double[x.length][];
    for (int row = 0; row < x.length; row++) {
      y[row] = java.util.Arrays.stream(x[row]).map(f).toArray();
    }
    return y;
  }

  private static double[][] add(double[][] a, double[][] b) {
    double[][] sum = new double[a.length][a[0].length];
    for (int row = 0; row < a.length; row++) {
      for (int c = 0; c < a[row].length; c++) {
        sum[row][c] = a[row][c] + b[row][c];
      }
    }
    return sum;
  }

  /** The error function by its Taylor series, which is exact enough for the sizes met here. */
  private static double erf(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 120; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }

  private static String at(String name, int block) {
    return name.formatted(block);
  }

  /** All rows, one after the other. */
  static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }
}
