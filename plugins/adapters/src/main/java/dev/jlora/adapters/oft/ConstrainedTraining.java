package dev.jlora.adapters.oft;

import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.TrainingHook;
import dev.jlora.peft.AdapterState;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Constrained OFT's training: before each update, the parameters are set to the projected values
 * that the step has computed with, as PEFT does in its forward pass. So the update moves the
 * projected values, and a saved adapter has what the last update left.
 */
record ConstrainedTraining(List<Rotation> rotations) implements AdapterState, TrainingHook {
  @Override
  public TrainingHook training() {
    return this;
  }

  @Override
  public void afterBackward(long step, Function<Parameter, @Nullable Tensor> gradients) {
    try (var _ = Scope.open()) {
      rotations.forEach(rotation -> rotation.weight().value().copyFrom(rotation.projected()));
    }
  }
}
