package dev.jlora.engine.training;

import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.spi.Step;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Accumulates the losses since the last log line; those on a GPU are accumulated there. */
final class LossMeter implements AutoCloseable {
  private @Nullable Tensor there;
  private @Nullable Scope owner; // of the sum there, once there is one
  private double sum;
  private int steps;

  /** Adds a step's loss without reading one that is on a GPU; an empty step has none. */
  void add(Step step) {
    if (step.empty()) {
      return;
    }
    Tensor loss = step.deviceLoss();
    if (loss == null) {
      sum += step.loss();
    } else {
      try (var _ = Scope.open()) {
        if (there == null) {
          owner = Scope.detached();
          there = owner.adopt(Tensor.zeros(DType.FLOAT64, loss.device()));
        }
        InPlace.add(there, Ops.to(loss, DType.FLOAT64), 1);
      }
    }
    steps++;
  }

  /** Continues from a sum of losses. */
  void set(double newSum, int newSteps) {
    sum = newSum;
    steps = newSteps;
    if (there != null) {
      InPlace.fill(there, 0);
    }
  }

  /** The sum; waits for a GPU if part of it is there. */
  double sum() {
    return there == null ? sum : sum + there.item();
  }

  int steps() {
    return steps;
  }

  @Override
  public void close() {
    if (owner != null) {
      owner.close();
    }
  }
}
