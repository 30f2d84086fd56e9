package dev.jlora.distribution;

import dev.jlora.distribution.MethodCase.Values;
import java.util.Map;

/** The formulas of adapter methods on a linear module, as loops over doubles. */
final class PlainMath {
  private PlainMath() {}

  /** M x. */
  static double[] product(double[][] m, double[] x) {
    double[] y = new double[m.length];
    for (int i = 0; i < m.length; i++) {
      for (int j = 0; j < x.length; j++) {
        y[i] += m[i][j] * x[j];
      }
    }
    return y;
  }

  /** A B. */
  static double[][] product(double[][] a, double[][] b) {
    double[][] c = new double[a.length][b[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < b[0].length; j++) {
        for (int k = 0; k < b.length; k++) {
          c[i][j] += a[i][k] * b[k][j];
        }
      }
    }
    return c;
  }

  static double[][] matrix(Values values) {
    int rows = (int) values.shape()[0];
    int columns = (int) values.shape()[1];
    double[][] matrix = new double[rows][columns];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(values.elements(), i * columns, matrix[i], 0, columns);
    }
    return matrix;
  }

  /** (W + scale * M) x + b. */
  static double[] updated(double[][] w, double[][] m, double scale, double[] b, double[] x) {
    double[] y = product(w, x);
    double[] change = product(m, x);
    for (int i = 0; i < y.length; i++) {
      y[i] += scale * change[i] + b[i];
    }
    return y;
  }

  static double[] lora(
      double[][] w, double[] b, Map<String, Values> own, double[] x, double scale) {
    double[][] down = matrix(own.get("lora_A.weight"));
    double[][] up = matrix(own.get("lora_B.weight"));
    return updated(w, product(up, down), scale, b, x);
  }

  /** (W + scale * B A) x + b + scale * c. */
  static double[] loraBias(
      double[][] w, double[] b, Map<String, Values> own, double[] x, double scale) {
    double[] y = lora(w, b, own, x, scale);
    for (int i = 0; i < y.length; i++) {
      y[i] += scale * own.get("lora_B.bias").at(i);
    }
    return y;
  }

  /** l * (W x + b). */
  static double[] scaledOutput(double[][] w, double[] b, Map<String, Values> own, double[] x) {
    double[] y = product(w, x);
    for (int i = 0; i < y.length; i++) {
      y[i] = own.get("ia3_l").at(i) * (y[i] + b[i]);
    }
    return y;
  }

  /** W (l * x) + b. */
  static double[] scaledInput(double[][] w, double[] b, Map<String, Values> own, double[] x) {
    double[] scaled = new double[x.length];
    for (int j = 0; j < x.length; j++) {
      scaled[j] = own.get("ia3_l").at(j) * x[j];
    }
    double[] y = product(w, scaled);
    for (int i = 0; i < y.length; i++) {
      y[i] += b[i];
    }
    return y;
  }

  /** W x + b + lambda_b * (B (lambda_d * (A x))). */
  static double[] vera(double[][] w, double[] b, Map<String, Values> own, double[] x) {
    double[] low = product(matrix(own.get("vera_A")), x);
    for (int k = 0; k < low.length; k++) {
      low[k] *= own.get("vera_lambda_d").at(k);
    }
    double[] up = product(matrix(own.get("vera_B")), low);
    double[] y = product(w, x);
    for (int i = 0; i < y.length; i++) {
      y[i] += b[i] + own.get("vera_lambda_b").at(i) * up[i];
    }
    return y;
  }

  /** W + scale * (w1_a w1_b) * (w2_a w2_b), elementwise. */
  static double[] loha(
      double[][] w, double[] b, Map<String, Values> own, double[] x, double scale) {
    double[][] first = product(matrix(own.get("hada_w1_a")), matrix(own.get("hada_w1_b")));
    double[][] second = product(matrix(own.get("hada_w2_a")), matrix(own.get("hada_w2_b")));
    for (int i = 0; i < first.length; i++) {
      for (int j = 0; j < first[0].length; j++) {
        first[i][j] *= second[i][j];
      }
    }
    return updated(w, first, scale, b, x);
  }

  /** W + scale * kron(w1, w2), where each factor may be a product. */
  static double[] lokr(
      double[][] w, double[] b, Map<String, Values> own, double[] x, double scale) {
    double[][] left = factor(own, "lokr_w1");
    double[][] right = factor(own, "lokr_w2");
    double[][] change = new double[w.length][w[0].length];
    for (int i = 0; i < change.length; i++) {
      for (int j = 0; j < change[0].length; j++) {
        double l = left[i / right.length][j / right[0].length];
        change[i][j] = l * right[i % right.length][j % right[0].length];
      }
    }
    return updated(w, change, scale, b, x);
  }

  private static double[][] factor(Map<String, Values> own, String name) {
    return own.containsKey(name)
        ? matrix(own.get(name))
        : product(matrix(own.get(name + "_a")), matrix(own.get(name + "_b")));
  }

  /** h + scale * (U relu(D v + d) + u) with h = W x + b, and v = x for a parallel adapter, or h. */
  static double[] bottleneck(
      double[][] w,
      double[] b,
      Map<String, Values> own,
      double[] x,
      boolean parallel,
      double scale) {
    double[] h = product(w, x);
    for (int i = 0; i < h.length; i++) {
      h[i] += b[i];
    }
    double[] narrow = product(matrix(own.get("adapter_down.weight")), parallel ? x : h);
    for (int k = 0; k < narrow.length; k++) {
      narrow[k] = Math.max(0, narrow[k] + own.get("adapter_down.bias").at(k));
    }
    double[] wide = product(matrix(own.get("adapter_up.weight")), narrow);
    for (int i = 0; i < h.length; i++) {
      h[i] += scale * (wide[i] + own.get("adapter_up.bias").at(i));
    }
    return h;
  }
}
