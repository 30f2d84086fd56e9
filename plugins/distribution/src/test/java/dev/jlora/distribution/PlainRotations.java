package dev.jlora.distribution;

import dev.jlora.distribution.MethodCase.Values;
import java.util.Map;

/** The formulas of HRA and OFT on a linear module, as loops over doubles. */
final class PlainRotations {
  private PlainRotations() {}

  /** W H_1 ... H_r x + b: the last reflection comes first. */
  static double[] reflected(double[][] w, double[] b, Map<String, Values> own, double[] x) {
    Values u = own.get("hra_u");
    int rank = (int) u.shape()[1];
    double[] y = x.clone();
    for (int i = rank - 1; i >= 0; i--) {
      y = without(y, column(u, i), 2);
    }
    return linear(w, b, y);
  }

  /** W (I - 2 P) x + b, with the projection P onto orthogonal vectors. */
  static double[] reflectedAtOnce(double[][] w, double[] b, Map<String, Values> own, double[] x) {
    Values u = own.get("hra_u");
    int rank = (int) u.shape()[1];
    double[][] orthogonal = new double[rank][];
    double[] y = x.clone();
    for (int i = 0; i < rank; i++) {
      double[] v = column(u, i);
      for (int j = 0; j < i; j++) {
        v = without(v, orthogonal[j], 1);
      }
      orthogonal[i] = v;
      double factor = 2 * dot(v, x) / dot(v, v);
      for (int k = 0; k < x.length; k++) {
        y[k] -= factor * v[k];
      }
    }
    return linear(w, b, y);
  }

  /** y minus a multiple of its part along v. */
  private static double[] without(double[] y, double[] v, double times) {
    double factor = times * dot(v, y) / dot(v, v);
    double[] rest = y.clone();
    for (int k = 0; k < y.length; k++) {
      rest[k] -= factor * v[k];
    }
    return rest;
  }

  private static double[] column(Values u, int i) {
    double[] column = new double[(int) u.shape()[0]];
    for (int k = 0; k < column.length; k++) {
      column[k] = u.at(k, i);
    }
    return column;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return sum;
  }

  /**
   * W R^T x + b by the series I + 2 Q + 2 Q^2 + ... + Q^n.
   *
   * @param powers n
   */
  static double[] series(
      double[][] w, double[] b, Map<String, Values> own, double[] x, int size, int powers) {
    double[] y = new double[x.length];
    for (int start = 0; start < x.length; start += size) {
      double[][] q = skew(own, start / size, size);
      for (int i = 0; i < size; i++) {
        double[] term = new double[size];
        term[i] = x[start + i];
        for (int power = 0; power <= powers; power++) {
          double factor = power == 0 || power == powers && powers > 2 ? 1 : 2;
          for (int k = 0; k < size; k++) {
            y[start + k] += factor * term[k];
          }
          term = rowTimes(term, q);
        }
      }
    }
    return linear(w, b, y);
  }

  /** W R^T x + b with R = (I - Q) (I + Q)^-1, by elimination. */
  static double[] cayley(double[][] w, double[] b, Map<String, Values> own, double[] x, int size) {
    double[] y = new double[x.length];
    for (int start = 0; start < x.length; start += size) {
      double[][] q = skew(own, start / size, size);
      double[] row = new double[size];
      System.arraycopy(x, start, row, 0, size);
      double[] right = rowTimes(row, q);
      double[][] system = new double[size][size + 1]; // (I + Q)^T z = (x (I - Q))^T
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          system[i][j] = (i == j ? 1 : 0) + q[j][i];
        }
        system[i][size] = row[i] - right[i];
      }
      System.arraycopy(solved(system), 0, y, start, size);
    }
    return linear(w, b, y);
  }

  /** The solution of a system whose pivots are not zero: I + Q has a positive symmetric part. */
  private static double[] solved(double[][] system) {
    int size = system.length;
    for (int i = 0; i < size; i++) {
      for (int row = 0; row < size; row++) {
        if (row != i) {
          double factor = system[row][i] / system[i][i];
          for (int j = i; j <= size; j++) {
            system[row][j] -= factor * system[i][j];
          }
        }
      }
    }
    double[] z = new double[size];
    for (int i = 0; i < size; i++) {
      z[i] = system[i][size] / system[i][i];
    }
    return z;
  }

  private static double[][] skew(Map<String, Values> own, int block, int size) {
    Values triangle = own.get("oft_R.weight");
    int row = triangle.shape()[0] == 1 ? 0 : block;
    double[][] q = new double[size][size];
    int at = 0;
    for (int i = 0; i < size; i++) {
      for (int j = i + 1; j < size; j++) {
        q[i][j] = triangle.at(row, at++);
        q[j][i] = -q[i][j];
      }
    }
    return q;
  }

  private static double[] rowTimes(double[] row, double[][] m) {
    double[] product = new double[row.length];
    for (int k = 0; k < row.length; k++) {
      for (int i = 0; i < row.length; i++) {
        product[k] += row[i] * m[i][k];
      }
    }
    return product;
  }

  private static double[] linear(double[][] w, double[] b, double[] x) {
    double[] y = PlainMath.product(w, x);
    for (int i = 0; i < y.length; i++) {
      y[i] += b[i];
    }
    return y;
  }
}
