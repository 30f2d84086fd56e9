package dev.jlora.io;

import dev.jlora.ops.Finite;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;

/**
 * Rejects weights with NaN or infinite values, with which every output of a model would be NaN
 * without a reason. Takes one pass over the memory of a file that is about to be read anyway.
 */
public final class FiniteTensors {
  private FiniteTensors() {}

  /**
   * Checks one tensor.
   *
   * @param file that contains it, for the message
   * @return {@code tensor}
   * @throws FormatException if a value is not finite
   */
  public static Tensor require(Path file, String name, Tensor tensor) {
    double other = Finite.firstOther(tensor);
    if (!Double.isFinite(other)) {
      throw new FormatException(
          file,
          "tensor '%s' holds %s, expected only finite numbers."
              .formatted(name, Double.isNaN(other) ? "NaN" : "infinite values"),
          "Fetch the file again; if a training run wrote it, use an earlier checkpoint.");
    }
    return tensor;
  }

  /**
   * Checks every tensor of a file.
   *
   * @throws FormatException naming the first tensor with a non-finite value
   */
  public static void requireAll(TensorFile file) {
    for (String name : file.names()) {
      try (var _ = Scope.open()) {
        require(file.path(), name, file.tensor(name));
      }
    }
  }
}
