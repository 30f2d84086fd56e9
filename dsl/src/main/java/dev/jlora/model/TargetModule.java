package dev.jlora.model;

/**
 * A module that an adapter can attach to, known before any weight is read.
 *
 * @param path the module's name in the checkpoint ({@code bert.encoder.layer.0.output.dense})
 * @param in features that go in (rows of an embedding)
 * @param out features that come out
 * @param bias whether it has a bias
 * @param transposed whether its weight is stored [in, out] (GPT-2's Conv1D), not [out, in]
 */
public record TargetModule(
    String path, Kind kind, long in, long out, boolean bias, boolean transposed) {
  public enum Kind {
    LINEAR,
    EMBEDDING,
    CONVOLUTION
  }
}
