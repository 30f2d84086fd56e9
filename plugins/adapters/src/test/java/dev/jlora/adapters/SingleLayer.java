package dev.jlora.adapters;

import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static dev.jlora.model.layers.Layers.patchConvolution;

import dev.jlora.model.Init;
import dev.jlora.model.layers.Linear;
import dev.jlora.model.network.Network;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.function.BiFunction;

/** A network of one layer of each kind, and its product in plain doubles. */
enum SingleLayer {
  LINEAR(new Linear(3, 4, true, false, Init.normal(1)), 4, 3, 2, 3),
  TRANSPOSED(new Linear(3, 4, true, true, Init.normal(1)), 4, 3, 2, 3),
  EMBEDDING(embedding(5, 4, Init.normal(1)), 4, 5, 1, 3),
  /** 3 channels of 2 x 4 pixels, in two patches. */
  CONVOLUTION(patchConvolution(3, 4, 2, Init.normal(1)), 4, 12, 1, 3, 2, 4);

  static final String PATH = "layer";
  static final long[] IDS = {4, 0, 4};

  final Layer layer;
  final int out;
  final int in;
  final long[] inputShape;

  SingleLayer(Layer layer, int out, int in, long... inputShape) {
    this.layer = layer;
    this.out = out;
    this.in = in;
    this.inputShape = inputShape;
  }

  String input() {
    return this == EMBEDDING ? "input_ids" : "values";
  }

  Network network(DType dtype) {
    Layer named = named(PATH, layer);
    Architecture architecture =
        Architecture.named("Single")
            .inputs(input())
            .root(output("y", this == EMBEDDING ? lookup("input_ids", named) : named));
    return Network.of(architecture, new RandomWeights(5), dtype);
  }

  /** The input as a tensor; ids for an embedding. */
  Tensor tensor(double[] x) {
    return this == EMBEDDING ? Tensor.of(IDS, inputShape) : Tensor.of(x, inputShape);
  }

  int inputs() {
    int count = 1;
    for (long size : inputShape) {
      count *= (int) size;
    }
    return count;
  }

  /** The base's weight as [out, in]. */
  double[][] weight(Network network) {
    double[] flat = network.parameter(PATH + ".weight").value().toDoubles();
    boolean transposed = this == TRANSPOSED || this == EMBEDDING;
    double[][] weight = new double[out][in];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        weight[o][i] = flat[transposed ? i * out + o : o * in + i];
      }
    }
    return weight;
  }

  double[] bias(Network network) {
    return this == EMBEDDING
        ? new double[out]
        : network.parameter(PATH + ".bias").value().toDoubles();
  }

  /**
   * The outputs of all positions in the order of the result's memory.
   *
   * @param y the outputs [out] of one position, from its number and its input [in]
   */
  double[] at(double[] x, BiFunction<Integer, double[], double[]> y) {
    double[][] rows = rows(x);
    double[] all = new double[rows.length * out];
    for (int row = 0; row < rows.length; row++) {
      double[] one = y.apply(row, rows[row]);
      for (int o = 0; o < out; o++) {
        all[this == CONVOLUTION ? o * rows.length + row : row * out + o] = one[o];
      }
    }
    return all;
  }

  private double[][] rows(double[] x) {
    return switch (this) {
      case LINEAR, TRANSPOSED -> new double[][] {{x[0], x[1], x[2]}, {x[3], x[4], x[5]}};
      case EMBEDDING -> {
        double[][] rows = new double[IDS.length][in];
        for (int i = 0; i < IDS.length; i++) {
          rows[i][(int) IDS[i]] = 1;
        }
        yield rows;
      }
      case CONVOLUTION -> {
        double[][] patches = new double[2][in];
        for (int patch = 0; patch < 2; patch++) {
          int next = 0;
          for (int channel = 0; channel < 3; channel++) {
            for (int h = 0; h < 2; h++) {
              for (int w = 0; w < 2; w++) {
                patches[patch][next++] = x[channel * 8 + h * 4 + patch * 2 + w];
              }
            }
          }
        }
        yield patches;
      }
    };
  }
}
