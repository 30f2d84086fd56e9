package com.example.reviews;

import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The Lion optimizer (arXiv:2302.06675), which uses only the sign of an average of momentum and
 * gradient: c = b m + (1 - b) g; w -= rate (sign(c) + decay w); m = memory m + (1 - memory) g.
 */
final class Lion implements Optimizer {
  private final List<ParameterGroup> parameters;
  private final double beta;
  private final double memory;
  private final Scope owner = Scope.detached();
  private final Map<String, Tensor> momenta = new LinkedHashMap<>();

  Lion(List<ParameterGroup> parameters, double beta, double memory) {
    this.parameters = List.copyOf(parameters);
    this.beta = beta;
    this.memory = memory;
    try (var _ = Scope.open()) {
      for (ParameterGroup one : parameters) {
        momenta.put(name(one), owner.adopt(Tensor.zerosLike(one.parameter().value())));
      }
    }
  }

  private static String name(ParameterGroup one) {
    return one.parameter().name() + ".momentum";
  }

  @Override
  public void step(List<@Nullable Tensor> gradients, double learningRate) {
    for (int i = 0; i < parameters.size(); i++) {
      if (gradients.get(i) != null) {
        try (var _ = Scope.open()) {
          step(parameters.get(i), gradients.get(i), learningRate);
        }
      }
    }
  }

  private void step(ParameterGroup one, Tensor gradient, double rate) {
    Tensor weight = one.parameter().value();
    Tensor momentum = momenta.get(name(one));
    Tensor mixed = Ops.add(Ops.mul(momentum, beta), gradient, 1 - beta);
    Tensor zero = Tensor.zerosLike(mixed);
    Tensor sign =
        Ops.sub(
            Ops.to(Ops.gt(mixed, zero), weight.dtype()),
            Ops.to(Ops.lt(mixed, zero), weight.dtype()));
    InPlace.mul(weight, 1 - rate * one.weightDecay());
    InPlace.add(weight, sign, -rate);
    InPlace.mul(momentum, memory);
    InPlace.add(momentum, gradient, 1 - memory);
  }

  @Override
  public Map<String, Tensor> state() {
    return momenta;
  }

  @Override
  public void restore(Map<String, Tensor> saved) {
    if (!saved.keySet().equals(momenta.keySet())) {
      throw new IllegalArgumentException(
          "got the state of another optimizer or adapter, expected that of lion with this adapter");
    }
    saved.forEach((name, tensor) -> momenta.get(name).copyFrom(tensor));
  }

  @Override
  public void close() {
    owner.close();
  }
}
