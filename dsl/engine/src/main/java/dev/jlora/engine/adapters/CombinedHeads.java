package dev.jlora.engine.adapters;

import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.ops.Ops;
import dev.jlora.peft.algebra.LowRank;
import dev.jlora.spec.Bias;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What adapters train in place of the base's parameters, in a combination: heads, other modules in
 * full, biases. One adapter's are taken over; of several, the weighted mean.
 */
final class CombinedHeads {
  private record Trained(Source source, Parameter parameter) {}

  private final Map<String, List<Trained>> byName = new LinkedHashMap<>();

  /**
   * @param mean whether a parameter that several adapters train becomes their weighted mean
   * @throws ModelException if several adapters train a parameter, and it may not, or the sum of
   *     their weights is 0
   */
  CombinedHeads(List<Source> sources, boolean mean) {
    for (Source source : sources) {
      source
          .adapter()
          .overrides()
          .forEach(
              (name, parameter) ->
                  byName
                      .computeIfAbsent(name, _ -> new ArrayList<>())
                      .add(new Trained(source, parameter)));
    }
    TreeSet<String> shared = new TreeSet<>();
    byName.forEach(
        (name, trained) -> {
          if (trained.size() > 1) {
            shared.add(name);
          }
        });
    if (!shared.isEmpty() && !mean) {
      throw new ModelException(
          "combination: more than one adapter trains %s in full, and their values cannot be added"
                  .formatted(String.join(", ", shared))
              + " as updates are; keep one adapter's head, or set combine_heads for the weighted"
              + " mean");
    }
    for (String name : shared) {
      if (weights(byName.get(name)) == 0) {
        throw new ModelException(
            "combine_heads: the weights of the adapters that train %s add up to 0, so they have no"
                    .formatted(name)
                + " mean");
      }
    }
  }

  private static double weights(List<Trained> trained) {
    return trained.stream().mapToDouble(it -> it.source().part().weight()).sum();
  }

  /** The value of a parameter, in the current scope; null if no adapter trains it. */
  @Nullable Tensor value(String name) {
    List<Trained> trained = byName.get(name);
    if (trained == null) {
      return null;
    }
    if (trained.size() == 1) {
      return trained.getFirst().parameter().value();
    }
    Tensor sum = null;
    for (Trained one : trained) {
      Tensor exact = LowRank.matrix(one.parameter().value());
      Tensor share = Ops.mul(exact, one.source().part().weight() / weights(trained));
      sum = sum == null ? share : Ops.add(sum, share);
    }
    return Views.reshape(sum, trained.getFirst().parameter().value().shape());
  }

  /** The biases that the combined adapter trains: those of the adapters. */
  static Bias bias(List<Source> sources) {
    Bias bias = Bias.NONE;
    for (Source source : sources) {
      Bias own = source.spec().bias();
      bias = own == Bias.ALL || bias == Bias.NONE ? own : bias;
    }
    return bias;
  }
}
