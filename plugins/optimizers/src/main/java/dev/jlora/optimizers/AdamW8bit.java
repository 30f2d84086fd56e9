package dev.jlora.optimizers;

import dev.jlora.backend.StepNumbers;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * AdamW with 8-bit states, except for small parameters such as biases and norms, whose states stay
 * in FLOAT32 as in bitsandbytes.
 */
final class AdamW8bit implements Optimizer {
  private static final long SMALL = 4096;

  /** One of the two optimizers, and the indices of its parameters. */
  private record Part(Optimizer optimizer, List<Integer> parameters) {
    List<@Nullable Tensor> own(List<@Nullable Tensor> gradients) {
      List<@Nullable Tensor> own = new ArrayList<>();
      parameters.forEach(i -> own.add(gradients.get(i)));
      return own;
    }
  }

  private final List<Part> parts = new ArrayList<>();

  AdamW8bit(List<ParameterGroup> parameters, OptimizerSpec spec) {
    List<Integer> small = new ArrayList<>();
    List<Integer> large = new ArrayList<>();
    for (int i = 0; i < parameters.size(); i++) {
      boolean few = parameters.get(i).parameter().value().elements() < SMALL;
      (few ? small : large).add(i);
    }
    if (!small.isEmpty()) {
      parts.add(new Part(new AdamOptimizer(at(small, parameters), spec, true), small));
    }
    if (!large.isEmpty()) {
      parts.add(new Part(new QuantizedAdamW(at(large, parameters), spec), large));
    }
  }

  private static List<ParameterGroup> at(List<Integer> places, List<ParameterGroup> parameters) {
    return places.stream().map(parameters::get).toList();
  }

  @Override
  public void step(List<@Nullable Tensor> gradients, double learningRate) {
    parts.forEach(part -> part.optimizer().step(part.own(gradients), learningRate));
  }

  @Override
  public void step(List<@Nullable Tensor> gradients, StepNumbers numbers) {
    // the first part may clip as it goes; the second lets clipping happen in place
    parts.forEach(part -> part.optimizer().step(part.own(gradients), numbers));
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    parts.forEach(part -> all.putAll(part.optimizer().state()));
    return all;
  }

  /** Unknown entries go to the last part, which rejects them by name. */
  @Override
  public void restore(Map<String, Tensor> saved) {
    Map<String, Tensor> left = new LinkedHashMap<>(saved);
    for (Part part : parts) {
      Map<String, Tensor> own = new LinkedHashMap<>(left);
      if (part != parts.getLast()) {
        own.keySet().retainAll(part.optimizer().state().keySet());
      }
      part.optimizer().restore(own);
      left.keySet().removeAll(own.keySet());
    }
  }

  @Override
  public void close() {
    parts.forEach(part -> part.optimizer().close());
  }
}
