package dev.jlora.backend;

import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.ops.OptimizerOps;
import dev.jlora.ops.OptimizerOps.AdamStep;
import dev.jlora.ops.Reduce;
import dev.jlora.ops.ScalingOps;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Adam with libtorch's fused optimizer. Gradients are clipped immediately; on the host, unless the
 * loss is scaled, by a {@link HostClipping}.
 */
final class ComposedAdamUpdates implements AdamUpdates {
  private static final double EPSILON = 1e-6;

  private record Done(Tensor norm, Tensor skip) implements Clipping {
    @Override
    public void apply() {}
  }

  @Override
  public Clipping clip(List<Tensor> gradients, double most, @Nullable Tensor scale) {
    Device device = gradients.getFirst().device();
    if (scale == null && device.host()) {
      return HostClipping.of(gradients, most);
    }
    Tensor found = Tensor.zeros(DType.FLOAT32, device, 1);
    if (scale != null) {
      ScalingOps.unscale(gradients, found, Ops.reciprocal(scale));
    }
    Tensor norm = norm(gradients);
    Tensor skip = Ops.maximum(found, notFinite(norm));
    if (most > 0) {
      Tensor factor = Ops.mul(Ops.reciprocal(Ops.addScalar(norm, EPSILON)), most);
      ScalingOps.multiply(gradients, Ops.minimum(factor, Tensor.scalar(1, DType.FLOAT32)));
    }
    return new Done(norm, skip);
  }

  /** 1 if a number minus itself is not 0, which is true for infinities and NaN; one element. */
  private static Tensor notFinite(Tensor number) {
    Tensor other = Ops.ne(Ops.sub(number, number), Tensor.scalar(0, DType.FLOAT32));
    return Views.view(Ops.to(other, DType.FLOAT32), 1);
  }

  /** The norm of one vector of all gradients: a few kernels, however many gradients there are. */
  private static Tensor norm(List<Tensor> gradients) {
    Tensor[] flat =
        gradients.stream()
            .map(gradient -> Views.view(Ops.to(gradient, DType.FLOAT32), -1))
            .toArray(Tensor[]::new);
    return Ops.sqrt(Reduce.sum(Ops.square(Ops.cat(0, flat))));
  }

  @Override
  public void step(AdamStep step, List<Slot> slots, @Nullable StepNumbers numbers) {
    List<Tensor> counts = all(slots, Slot::count);
    Tensor skip = null;
    if (numbers == null) {
      Tensor one = Tensor.ones(DType.FLOAT32, 1);
      counts.forEach(count -> InPlace.add(count, one, 1));
    } else {
      numbers.clipping().apply();
      skip = numbers.clipping().skip();
      Tensor one = Tensor.ones(DType.FLOAT32, skip.device(), 1);
      InPlace.addProduct(counts, Ops.sub(one, skip), one);
    }
    OptimizerOps.adam(
        step,
        all(slots, Slot::parameter),
        all(slots, Slot::gradient),
        all(slots, Slot::average),
        all(slots, Slot::squareAverage),
        counts,
        skip);
  }

  private static List<Tensor> all(List<Slot> slots, Function<Slot, Tensor> part) {
    return slots.stream().map(part).toList();
  }
}
