package dev.jlora.peft;

import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.tensor.Scope;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Copies of the base's parameters that an adapter trains in place of them: heads and biases. */
public final class TrainedCopies {
  private TrainedCopies() {}

  /**
   * Creates the trainable copies, in float32 unless the network is float64. A parameter that a file
   * stores under several names has an entry for each.
   *
   * @param biases other parameters that are trained
   * @param scope owns their memory
   * @return by the names of the base, in the order of the network; tied weights with values of
   *     their own at the end
   */
  public static Map<String, Parameter> of(
      Network network, SavedModules saved, Collection<String> biases, Scope scope) {
    Map<String, Parameter> copies = new LinkedHashMap<>();
    Set<String> trained = new HashSet<>(saved.parameters());
    trained.addAll(biases);
    for (Parameter base : network.parameters()) {
      if (trained.contains(base.name())) {
        copies.put(base.name(), base.trainableCopy(base.name(), scope));
      }
    }
    Map<String, String> tied = network.architecture().tied();
    for (String name : saved.untied()) {
      if (trained.contains(name)) {
        copies.put(name, network.parameter(tied.get(name)).trainableCopy(name, scope));
      }
    }
    saved
        .stored()
        .forEach(
            (name, of) -> {
              if (tied.containsKey(name) && copies.containsKey(of)) {
                copies.putIfAbsent(name, copies.get(of));
              }
            });
    return copies;
  }
}
