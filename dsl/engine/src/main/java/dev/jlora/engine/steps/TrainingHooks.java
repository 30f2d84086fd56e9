package dev.jlora.engine.steps;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.TrainingHook;
import dev.jlora.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The training hooks of a network's adapters; steps without hooks have no extra cost. */
final class TrainingHooks {
  private static final String PREFIX = "adapter.";

  private final Map<String, TrainingHook> hooks = new LinkedHashMap<>();
  private final List<Parameter> trained;

  /**
   * @param trained the parameters whose gradients a step has, in their order
   */
  TrainingHooks(Network network, List<Parameter> trained) {
    this.trained = trained;
    network
        .adapters()
        .forEach(
            (name, adapter) -> {
              TrainingHook hook = adapter.training();
              if (hook != null) {
                hooks.put(name, hook);
              }
            });
  }

  void begin(long totalSteps) {
    hooks.values().forEach(hook -> hook.begin(totalSteps));
  }

  /** The loss with the terms of all hooks. */
  Tensor addTo(Tape tape, Tensor loss) {
    Tensor sum = loss;
    for (TrainingHook hook : hooks.values()) {
      Tensor term = hook.loss(tape);
      if (term != null) {
        sum = Functions.add(tape, sum, Functions.cast(tape, term, sum.dtype()));
      }
    }
    return sum;
  }

  /**
   * The consumer of a step's gradients before the update: the hooks, then {@code others}.
   *
   * @return null if there is neither
   */
  @Nullable Consumer<List<@Nullable Tensor>> before(
      long step, @Nullable Consumer<List<@Nullable Tensor>> others) {
    if (hooks.isEmpty()) {
      return others;
    }
    return gradients -> {
      Map<Parameter, Tensor> found = new HashMap<>();
      for (int i = 0; i < trained.size(); i++) {
        found.put(trained.get(i), gradients.get(i));
      }
      hooks.values().forEach(hook -> hook.afterBackward(step, found::get));
      if (others != null) {
        others.accept(gradients);
      }
    };
  }

  void after(long step) {
    hooks.values().forEach(hook -> hook.afterUpdate(step));
  }

  /** The state to save, under names that no optimizer uses. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    hooks.forEach(
        (name, hook) ->
            hook.state().forEach((key, tensor) -> state.put(PREFIX + name + "." + key, tensor)));
    return state;
  }

  /** Removes and restores its part of a saved state. */
  void restore(Map<String, Tensor> saved) {
    hooks.forEach(
        (name, hook) -> {
          String prefix = PREFIX + name + ".";
          Map<String, Tensor> own = new LinkedHashMap<>();
          saved.forEach(
              (key, tensor) -> {
                if (key.startsWith(prefix)) {
                  own.put(key.substring(prefix.length()), tensor);
                }
              });
          own.keySet().forEach(key -> saved.remove(prefix + key));
          hook.restore(own);
        });
  }
}
