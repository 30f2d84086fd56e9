package dev.jlora.ops;

import dev.jlora.tensor.Device;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Searches tensors for NaN and infinite values, in one pass over their memory. */
public final class Finite {
  private static final Operator AMINMAX = Operator.of("aten::aminmax");

  private Finite() {}

  /**
   * A non-finite value of {@code x}: NaN if there is one, else an infinite one; 0 if all are
   * finite, as in integer tensors and tensors without memory.
   */
  public static double firstOther(Tensor x) {
    if (!x.dtype().floating() || x.elements() == 0 || x.device().kind() == Device.Kind.META) {
      return 0;
    }
    try (var _ = Scope.open()) {
      @Nullable Tensor[] range = AMINMAX.many(2, x, null, false);
      double least = range[0].item();
      double most = range[1].item();
      return !Double.isFinite(least) ? least : Double.isFinite(most) ? 0 : most;
    }
  }
}
