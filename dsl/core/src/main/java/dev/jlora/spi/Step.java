package dev.jlora.spi;

import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Results of one optimizer step. On a GPU they stay on the device: reading one waits for the GPU,
 * and they are readable until the next step starts.
 */
public final class Step {
  private final double learningRate;
  private final @Nullable Tensor deviceLoss;
  private final @Nullable Tensor deviceNorm;
  private double loss;
  private double norm;
  private boolean known;
  private final boolean empty;

  private Step(
      double loss,
      double norm,
      double learningRate,
      boolean empty,
      @Nullable Tensor deviceLoss,
      @Nullable Tensor deviceNorm) {
    this.loss = loss;
    this.norm = norm;
    this.learningRate = learningRate;
    this.empty = empty;
    this.deviceLoss = deviceLoss;
    this.deviceNorm = deviceNorm;
    this.known = deviceLoss == null;
  }

  public static Step of(double loss, double norm, double learningRate) {
    return new Step(loss, norm, learningRate, false, null, null);
  }

  /** A step whose loss and norm, one element each, have not been read. */
  public static Step pending(Tensor loss, Tensor norm, double learningRate) {
    return new Step(0, 0, learningRate, false, loss, norm);
  }

  /** A step whose micro-batches have no labels: it changed no weight. */
  public static Step nothing(double learningRate) {
    return new Step(Double.NaN, 0, learningRate, true, null, null);
  }

  /** Whether its micro-batches had no labels: it has no loss and changed no weight. */
  public boolean empty() {
    return empty;
  }

  /** Whether loss and norm are on the host, so that reading them costs nothing. */
  public boolean known() {
    return known;
  }

  /**
   * The mean loss over all items (rows, labelled words or tokens) of its micro-batches; NaN if the
   * step is {@link #empty}.
   */
  public double loss() {
    read();
    return loss;
  }

  /** The 2-norm over the gradients of all trained parameters, before clipping. */
  public double gradientNorm() {
    read();
    return norm;
  }

  /** The learning rate of the step. */
  public double learningRate() {
    return learningRate;
  }

  /** The loss on the device; null if it is on the host. */
  public @Nullable Tensor deviceLoss() {
    return deviceLoss;
  }

  private void read() {
    if (!known) {
      if (deviceLoss.closed()) {
        throw new IllegalStateException(
            "step: its loss was on the GPU and is gone; ask for it before the next step begins");
      }
      loss = deviceLoss.item();
      norm = deviceNorm.item();
      known = true;
    }
  }

  @Override
  public String toString() {
    return known
        ? "Step[loss=%s, gradientNorm=%s, learningRate=%s]".formatted(loss, norm, learningRate)
        : "Step[on the GPU, learningRate=%s]".formatted(learningRate);
  }
}
