package dev.jlora.model;

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
 */
public record TargetModule(
    String path,
    Kind kind,
    long in,
    long out,
    boolean bias,
    boolean transposed,
    long kernel,
    long stride) {
  public enum Kind {
    LINEAR,
    EMBEDDING,
    CONVOLUTION,
    /** A normalization, whose weight and bias an adapter can train but not change. */
    NORM
  }

  /** A linear or an embedding. */
  public TargetModule(String path, Kind kind, long in, long out, boolean bias, boolean transposed) {
    this(path, kind, in, out, bias, transposed, 1, 1);
  }

  /** Number of inputs of one output. */
  public long fanIn() {
    return in * kernel * kernel;
  }
}
