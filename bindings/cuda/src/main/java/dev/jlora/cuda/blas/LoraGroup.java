package dev.jlora.cuda.blas;

import java.util.List;

/**
 * Adapted linear layers that share their input, such as query, key and value. Their As are stacked
 * in one buffer {@code a} [sum of ranks, in], and x A^T of all of them is in one buffer {@code
 * down} [rows, sum of ranks]. Buffers of a single layer have its number as suffix: {@code w0} [out,
 * in], {@code bias0}, {@code b0} [out, rank], {@code y0} [rows, out].
 *
 * @param rows of the input
 * @param in columns of the input
 * @param layers at least one
 * @param dropout whether each layer drops other elements of the input; {@code dropped} then holds
 *     an input for each layer [layers, rows, in]
 */
public record LoraGroup(int rows, int in, List<Layer> layers, boolean dropout) {
  /**
   * @param out columns of the output
   * @param scale of the adapter, with 1 / P(keep) of its dropout
   * @param bias whether the frozen layer has one
   * @param transposed whether the frozen weight is stored as [in, out], as in GPT-2
   */
  public record Layer(int out, int rank, double scale, boolean bias, boolean transposed) {}

  /**
   * @throws IllegalArgumentException for sizes below 1
   */
  public LoraGroup {
    layers = List.copyOf(layers);
    if (rows < 1
        || in < 1
        || layers.isEmpty()
        || layers.stream().anyMatch(it -> it.out() < 1 || it.rank() < 1)) {
      throw new IllegalArgumentException(
          "LoRA group: got %d rows of %d and layers %s, expected sizes of 1 or more"
              .formatted(rows, in, layers));
    }
  }

  /** Number of rows of all As together. */
  public int ranks() {
    return layers.stream().mapToInt(Layer::rank).sum();
  }

  /** Index of the first rank of a layer among all of them. */
  int firstRank(int layer) {
    return layers.subList(0, layer).stream().mapToInt(Layer::rank).sum();
  }

  /** Whether all layers have the same rank, so that a batch at equal strides can hold them. */
  boolean oneRank() {
    return layers.stream().mapToInt(Layer::rank).distinct().count() == 1;
  }

  Matrix x() {
    return Matrix.of("x", rows, in);
  }

  Matrix dropped(int layer) {
    return Matrix.of("dropped", (long) layers.size() * rows, in).rows((long) layer * rows, rows);
  }

  Matrix allA() {
    return Matrix.of("a", ranks(), in);
  }

  Matrix a(int layer) {
    return allA().rows(firstRank(layer), layers.get(layer).rank());
  }

  /** A buffer [rows, sum of ranks]. */
  Matrix all(String buffer) {
    return Matrix.of(buffer, rows, ranks());
  }

  /** A layer's columns of such a buffer. */
  Matrix slice(String buffer, int layer) {
    return all(buffer).columns(firstRank(layer), layers.get(layer).rank());
  }

  Matrix b(String buffer, int layer) {
    return Matrix.of(buffer + layer, layers.get(layer).out(), layers.get(layer).rank());
  }

  Matrix y(String buffer, int layer) {
    return Matrix.of(buffer + layer, rows, layers.get(layer).out());
  }

  /** The weight as [out, in], for either layout. */
  Matrix w(int layer) {
    Layer it = layers.get(layer);
    return it.transposed()
        ? Matrix.of("w" + layer, in, it.out()).t()
        : Matrix.of("w" + layer, it.out(), in);
  }
}
