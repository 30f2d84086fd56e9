package com.example.models;

import dev.jlora.model.network.Network;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/**
 * The equations of transformers in plain loops over doubles, for one sequence [tokens][features],
 * with the names and the layout of the weights of a checkpoint, and none of jlora's code.
 */
record ByHand(Map<String, double[]> weights) {

  /** Whether token i attends to token j. */
  interface Sight {
    boolean sees(int i, int j);
  }

  static ByHand of(Network network) {
    Map<String, double[]> weights = new LinkedHashMap<>();
    network.state().forEach((name, value) -> weights.put(name, value.toDoubles()));
    return new ByHand(weights);
  }

  private double[] weight(String name) {
    double[] weight = weights.get(name + ".weight");
    if (weight == null) {
      throw new AssertionError(name + " is none of " + weights.keySet());
    }
    return weight;
  }

  double[][] embedding(String name, int width, int... ids) {
    double[][] x = new double[ids.length][width];
    for (int t = 0; t < ids.length; t++) {
      System.arraycopy(weight(name), ids[t] * width, x[t], 0, width);
    }
    return x;
  }

  /** x W^T + b, with b if there is one. */
  double[][] linear(String name, double[][] x) {
    double[] w = weight(name);
    double[] b = weights.get(name + ".bias");
    int in = x[0].length;
    double[][] y = new double[x.length][w.length / in];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < y[t].length; o++) {
        y[t][o] = b == null ? 0 : b[o];
        for (int i = 0; i < in; i++) {
          y[t][o] += x[t][i] * w[o * in + i];
        }
      }
    }
    return y;
  }

  double[] rmsNorm(String name, double[] x, double epsilon) {
    double squares = 0;
    for (double value : x) {
      squares += value * value / x.length;
    }
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i] / Math.sqrt(squares + epsilon) * weight(name)[i];
    }
    return y;
  }

  /** A layer norm without a bias. */
  double[] layerNorm(String name, double[] x, double epsilon) {
    double mean = Arrays.stream(x).sum() / x.length;
    double variance = 0;
    for (double value : x) {
      variance += (value - mean) * (value - mean) / x.length;
    }
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = (x[i] - mean) / Math.sqrt(variance + epsilon) * weight(name)[i];
    }
    return y;
  }

  /** Query head h reads key/value head h * keyHeads / heads. */
  static double[][] attention(
      double[][] q, double[][] k, double[][] v, int heads, int keyHeads, Sight sight) {
    int d = q[0].length / heads;
    double[][] mixed = new double[q.length][heads * d];
    for (int h = 0; h < heads; h++) {
      int from = h * keyHeads / heads * d;
      for (int i = 0; i < q.length; i++) {
        double[] shares = new double[k.length];
        double total = 0;
        for (int j = 0; j < k.length; j++) {
          double score = 0;
          for (int c = 0; c < d; c++) {
            score += q[i][h * d + c] * k[j][from + c];
          }
          shares[j] = sight.sees(i, j) ? Math.exp(score / Math.sqrt(d)) : 0;
          total += shares[j];
        }
        for (int j = 0; j < k.length && total > 0; j++) {
          for (int c = 0; c < d; c++) {
            mixed[i][h * d + c] += shares[j] / total * v[j][from + c];
          }
        }
      }
    }
    return mixed;
  }

  /** Rotates dimensions c and c + d / 2 of every head by position * theta^(-2c / d). */
  static double[][] rotated(double[][] x, int d, double theta) {
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int head = 0; head < x[t].length; head += d) {
        for (int c = 0; c < d / 2; c++) {
          double angle = t * Math.pow(theta, -2.0 * c / d);
          double a = x[t][head + c];
          double b = x[t][head + d / 2 + c];
          y[t][head + c] = a * Math.cos(angle) - b * Math.sin(angle);
          y[t][head + d / 2 + c] = b * Math.cos(angle) + a * Math.sin(angle);
        }
      }
    }
    return y;
  }

  /** Applies a function to every head of every token. */
  static double[][] perHead(double[][] x, int d, UnaryOperator<double[]> function) {
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int head = 0; head < x[t].length; head += d) {
        double[] one = Arrays.copyOfRange(x[t], head, head + d);
        System.arraycopy(function.apply(one), 0, y[t], head, d);
      }
    }
    return y;
  }

  static double[][] perToken(double[][] x, UnaryOperator<double[]> function) {
    return perHead(x, x[0].length, function);
  }

  static double[][] columns(double[][] x, int from, int to) {
    return Arrays.stream(x).map(row -> Arrays.copyOfRange(row, from, to)).toArray(double[][]::new);
  }

  static double[][] sum(double[][] a, double[][] b) {
    double[][] sum = new double[a.length][a[0].length];
    for (int t = 0; t < a.length; t++) {
      for (int c = 0; c < a[t].length; c++) {
        sum[t][c] = a[t][c] + b[t][c];
      }
    }
    return sum;
  }

  /** activation(a) * b. */
  static double[][] gated(DoubleUnaryOperator activation, double[][] a, double[][] b) {
    double[][] y = new double[a.length][a[0].length];
    for (int t = 0; t < a.length; t++) {
      for (int c = 0; c < a[t].length; c++) {
        y[t][c] = activation.applyAsDouble(a[t][c]) * b[t][c];
      }
    }
    return y;
  }

  static double silu(double x) {
    return x / (1 + Math.exp(-x));
  }

  static double gelu(double x) {
    return x * 0.5 * (1 + erf(x / Math.sqrt(2)));
  }

  /**
   * erf(x) = 2 / sqrt(pi) exp(-x^2) sum of 2^n x^(2n + 1) / (1 3 5 ... (2n + 1)), whose terms have
   * one sign: nothing cancels for large x, as it does in the Taylor series.
   */
  private static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x); // to 2e-17
    }
    double term = x;
    double sum = x;
    for (int n = 1; n < 300; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }
}
