package dev.jlora.engine;

import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.ops.ScalingOps;
import dev.jlora.spi.Optimizer;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The end of a step on a GPU: norm, clipping and update by numbers that the host does not look at,
 * so that it never waits. A norm that is not finite leaves every weight as it was; whoever reads
 * the loss at the next log line finds out.
 */
final class UnseenUpdate implements AutoCloseable {
  private static final double EPSILON = 1e-6;

  private final Device device;
  private final @Nullable LossScaler scaler;
  private Scope numbers = Scope.detached();

  /**
   * @param half whether gradients go through FLOAT16 and so need a scaled loss
   */
  UnseenUpdate(Device device, boolean half) {
    this.device = device;
    this.scaler = half ? new LossScaler(device) : null;
  }

  /** Where numbers of this step lie until the next one begins. */
  void begin() {
    numbers.close();
    numbers = Scope.detached();
  }

  /** Keeps a number until the next step. */
  Tensor keep(Tensor number) {
    return numbers.adopt(number);
  }

  /** What backward begins with, for a micro-batch's share of the loss. */
  Tensor seed(Tensor loss, double share) {
    Tensor plain = Tensor.full(share, loss.dtype(), loss.device(), loss.shape());
    return scaler == null ? plain : scaler.scaled(plain);
  }

  /**
   * Clips and updates.
   *
   * @param most the largest norm; 0 for any
   * @param beforeUpdate sees the gradients as the optimizer gets them
   * @return the norm before clipping, kept until the next step
   */
  Tensor apply(
      GradientSum sum,
      double most,
      Optimizer optimizer,
      double rate,
      Consumer<List<@Nullable Tensor>> beforeUpdate) {
    List<Tensor> gradients = sum.tensors().stream().filter(Objects::nonNull).toList();
    try (var _ = Scope.open()) {
      Tensor found = Tensor.zeros(DType.FLOAT32, device, 1);
      if (scaler != null && !gradients.isEmpty()) {
        scaler.unscale(gradients, found);
      }
      Tensor norm = norm(gradients);
      Tensor skip = Ops.maximum(found, notFinite(norm));
      if (most > 0 && !gradients.isEmpty()) {
        Tensor factor = Ops.mul(Ops.reciprocal(Ops.addScalar(norm, EPSILON)), most);
        ScalingOps.multiply(gradients, Ops.minimum(factor, Tensor.scalar(1, DType.FLOAT32)));
      }
      beforeUpdate.accept(sum.tensors());
      optimizer.step(sum.tensors(), rate, skip);
      if (scaler != null) {
        scaler.update(skip);
      }
      return keep(norm);
    }
  }

  /** 1 where a number less itself is not 0, which is so for infinite ones and NaN; one element. */
  private static Tensor notFinite(Tensor number) {
    Tensor other = Ops.ne(Ops.sub(number, number), Tensor.scalar(0, DType.FLOAT32));
    return Views.view(Ops.to(other, DType.FLOAT32), 1);
  }

  /** One long vector of all gradients, and its norm: a few kernels, however many there are. */
  private Tensor norm(List<Tensor> gradients) {
    if (gradients.isEmpty()) {
      return Tensor.zeros(DType.FLOAT32, device);
    }
    Tensor[] flat =
        gradients.stream()
            .map(gradient -> Views.view(Ops.to(gradient, DType.FLOAT32), -1))
            .toArray(Tensor[]::new);
    return Ops.sqrt(Reduce.sum(Ops.square(Ops.cat(0, flat))));
  }

  /** The state to save, beside the optimizer's. */
  Map<String, Tensor> state() {
    return scaler == null ? Map.of() : scaler.state();
  }

  /** Takes its own out of a saved state. */
  void restore(Map<String, Tensor> saved) {
    if (scaler != null) {
      scaler.restore(saved);
    }
  }

  @Override
  public void close() {
    numbers.close();
    if (scaler != null) {
      scaler.close();
    }
  }
}
