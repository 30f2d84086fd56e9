package dev.jlora.distribution;

import dev.jlora.distribution.MethodCase.Values;
import dev.jlora.peft.TorchGenerator;
import java.util.Map;

/** The formulas of FourierFT and MiSS on a linear module, as loops over doubles. */
final class PlainDeltas {
  private PlainDeltas() {}

  /** W plus scaling times the real part of the inverse transform of the sparse spectrum. */
  static double[] fourier(
      double[][] w, double[] b, Map<String, Values> own, double[] x, double scaling, long seed) {
    Values spectrum = own.get("fourierft_spectrum");
    int rows = w.length;
    int columns = x.length;
    int count = spectrum.elements().length;
    long[] places = new TorchGenerator(seed).permutation((long) rows * columns, count);
    double[][] delta = new double[rows][columns];
    for (int m = 0; m < rows; m++) {
      for (int n = 0; n < columns; n++) {
        for (int k = 0; k < count; k++) {
          double p = places[k] / columns;
          double q = places[k] % columns;
          double angle = 2 * Math.PI * (p * m / rows + q * n / columns);
          delta[m][n] += spectrum.at(k) * Math.cos(angle) / (rows * columns);
        }
      }
    }
    return PlainMath.updated(w, delta, scaling, b, x);
  }

  /** W plus scale * B (A * E). */
  static double[] adaLora(
      double[][] w, double[] b, Map<String, Values> own, double[] x, double scale) {
    double[][] down = PlainMath.matrix(own.get("lora_A"));
    for (int k = 0; k < down.length; k++) {
      for (int j = 0; j < down[k].length; j++) {
        down[k][j] *= own.get("lora_E").at(k);
      }
    }
    double[][] delta = PlainMath.product(PlainMath.matrix(own.get("lora_B")), down);
    return PlainMath.updated(w, delta, scale, b, x);
  }

  /** W plus the block D [rank, out] repeated along the inputs. */
  static double[] miss(double[][] w, double[] b, Map<String, Values> own, double[] x) {
    Values block = own.get("miss_block");
    int rank = (int) block.shape()[0];
    int width = (int) block.shape()[1];
    double[][] delta = new double[w.length][x.length];
    for (int i = 0; i < w.length; i++) {
      for (int j = 0; j < x.length; j++) {
        delta[i][j] = block.at(j % rank, i % width);
      }
    }
    return PlainMath.updated(w, delta, 1, b, x);
  }

  /** W plus, for each block of W, its product with the block D of its row, and D. */
  static double[] bat(double[][] w, double[] b, Map<String, Values> own, double[] x) {
    Values blocks = own.get("miss_block");
    int rank = (int) blocks.shape()[1];
    double[][] delta = new double[w.length][x.length];
    for (int i = 0; i < w.length; i++) {
      for (int j = 0; j < x.length; j++) {
        int block = i / rank * rank * rank;
        int row = i % rank;
        int column = j % rank;
        delta[i][j] = blocks.at(block + row * rank + column);
        for (int k = 0; k < rank; k++) {
          delta[i][j] += w[i][j - column + k] * blocks.at(block + k * rank + column);
        }
      }
    }
    return PlainMath.updated(w, delta, 1, b, x);
  }
}
