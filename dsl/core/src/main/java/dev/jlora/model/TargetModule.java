package dev.jlora.model;

import java.util.List;

/**
 * A module that an adapter can attach to or train, known before any weight is read.
 *
 * @param path the module's name in the checkpoint ({@code bert.encoder.layer.0.output.dense})
 * @param in number of input features (rows of an embedding, channels of a convolution)
 * @param out number of output features
 * @param bias whether it has a bias
 * @param transposed whether its weight is stored [in, out] (GPT-2's Conv1D), not [out, in]
 * @param kernel height and width of a convolution's kernel; 1 for others
 * @param stride of a convolution; 1 for others
 * @param sections the numbers of outputs that are queries, keys and values, if a linear computes
 *     all three; empty for others
 */
public record TargetModule(
    String path,
    Kind kind,
    long in,
    long out,
    boolean bias,
    boolean transposed,
    long kernel,
    long stride,
    List<Long> sections) {
  public enum Kind {
    LINEAR,
    EMBEDDING,
    CONVOLUTION,
    /** A normalization, whose weight and bias an adapter can train but not change. */
    NORM
  }

  public TargetModule {
    sections = List.copyOf(sections);
  }

  /** A module whose outputs are of one kind. */
  public TargetModule(
      String path,
      Kind kind,
      long in,
      long out,
      boolean bias,
      boolean transposed,
      long kernel,
      long stride) {
    this(path, kind, in, out, bias, transposed, kernel, stride, List.of());
  }

  /** A linear or an embedding. */
  public TargetModule(String path, Kind kind, long in, long out, boolean bias, boolean transposed) {
    this(path, kind, in, out, bias, transposed, 1, 1);
  }

  /**
   * A copy with the outputs divided in proportion.
   *
   * @param shares of queries, keys and values, whose sum divides the number of outputs
   */
  public TargetModule divided(List<Integer> shares) {
    long all = shares.stream().mapToLong(Integer::longValue).sum();
    List<Long> widths = shares.stream().map(share -> out / all * share).toList();
    return new TargetModule(path, kind, in, out, bias, transposed, kernel, stride, widths);
  }

  /** Number of inputs of one output. */
  public long fanIn() {
    return in * kernel * kernel;
  }
}
