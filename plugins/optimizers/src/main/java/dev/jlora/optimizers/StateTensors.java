package dev.jlora.optimizers;

import dev.jlora.spi.ParameterGroup;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;

/** The state tensors of an optimizer, named {@code <parameter>.<what>}. */
final class StateTensors implements AutoCloseable {
  private final Scope owner = Scope.detached();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  /** Creates a zero tensor with the parameter's shape, dtype and device. */
  Tensor zeros(ParameterGroup trained, String what) {
    return keep(trained, what, Tensor.zerosLike(trained.parameter().value()));
  }

  /** Takes ownership of {@code tensor} from the current scope. */
  Tensor keep(ParameterGroup trained, String what, Tensor tensor) {
    tensors.put(trained.parameter().name() + "." + what, owner.adopt(tensor));
    return tensor;
  }

  /** Takes ownership of {@code tensor} from the current scope, without saving it. */
  Tensor hold(Tensor tensor) {
    return owner.adopt(tensor);
  }

  Map<String, Tensor> all() {
    return Collections.unmodifiableMap(tensors);
  }

  /**
   * Restores a saved state, after checking that it is complete and has the same shapes and dtypes.
   */
  void restore(Map<String, Tensor> saved) {
    if (!saved.keySet().equals(tensors.keySet())) {
      var missing = new TreeSet<>(tensors.keySet());
      missing.removeAll(saved.keySet());
      var unexpected = new TreeSet<>(saved.keySet());
      unexpected.removeAll(tensors.keySet());
      throw new IllegalArgumentException(
          "Optimizer state: %s missing, %s unexpected. Resume with the optimizer and adapter of the"
                  .formatted(first(missing), first(unexpected))
              + " run that wrote it.");
    }
    saved.forEach(
        (name, tensor) -> {
          Tensor mine = tensors.get(name);
          if (!Arrays.equals(mine.shape(), tensor.shape())) {
            throw new IllegalArgumentException(
                "Optimizer state %s: got shape %s, expected %s"
                    .formatted(
                        name, Arrays.toString(tensor.shape()), Arrays.toString(mine.shape())));
          }
          if (mine.dtype() != tensor.dtype()) {
            throw new IllegalArgumentException(
                "Optimizer state %s: got %s, expected %s"
                    .formatted(name, tensor.dtype(), mine.dtype()));
          }
        });
    saved.forEach((name, tensor) -> tensors.get(name).copyFrom(tensor));
  }

  private static String first(TreeSet<String> names) {
    return names.isEmpty()
        ? "none"
        : names.size() == 1
            ? names.first()
            : names.first() + " and " + (names.size() - 1) + " more";
  }

  /** Runs {@code make} with an open scope, for tensors that it passes to {@link #keep}. */
  static void inScope(List<ParameterGroup> parameters, Consumer<ParameterGroup> make) {
    try (Scope scope = Scope.open()) {
      parameters.forEach(make);
    }
  }

  @Override
  public void close() {
    owner.close();
  }
}
