package dev.jlora.model;

/**
 * A module that an adapter can attach to, known before any weight is read.
 *
 * @param path the module's name in the checkpoint ({@code bert.encoder.layer.0.output.dense})
 * @param in features that go in (rows of an embedding, channels of a convolution)
 * @param out features that come out
 * @param bias whether it has a bias
 * @param transposed whether its weight is stored [in, out] (GPT-2's Conv1D), not [out, in]
 * @param kernel height and width of a convolution's window; 1 for the others
 * @param stride of a convolution; 1 for the others
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
    CONVOLUTION
  }

  /** A linear or an embedding. */
  public TargetModule(String path, Kind kind, long in, long out, boolean bias, boolean transposed) {
    this(path, kind, in, out, bias, transposed, 1, 1);
  }

  /** Inputs that one output is a weighted sum of. */
  public long fanIn() {
    return in * kernel * kernel;
  }
}
