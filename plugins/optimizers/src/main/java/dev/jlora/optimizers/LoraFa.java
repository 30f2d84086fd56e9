package dev.jlora.optimizers;

import dev.jlora.backend.StepNumbers;
import dev.jlora.model.runtime.LowRankPair;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.LinearAlgebra;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Problems;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * LoRA-FA (Zhang et al., arXiv 2308.03303) as in PEFT: A is frozen, and the gradient of B is
 * projected such that the change of B A is closest to the gradient of the full weight,
 *
 * <pre>g' = g (A Aᵀ)⁺ / scaling²</pre>
 *
 * Then Adam's rule in the form of transformers' former AdamW: {@code eps} is added to the root
 * before the correction of the bias, and decay follows the update. Parameters that are no factors,
 * such as a head's, are updated by the same rule with their own gradient.
 */
final class LoraFa implements Optimizer {
  private static final double DAMPING = 1e-8;

  private final OptimizerSpec spec;
  private final LoraFaSpec own;
  private final StateTensors state = new StateTensors();
  private final List<Slot> slots = new ArrayList<>();

  private static final class Slot {
    final ParameterGroup trained;
    final Tensor average;
    final Tensor squareAverage;
    final Tensor steps;
    @Nullable Tensor projection;

    Slot(ParameterGroup trained, Tensor average, Tensor squareAverage, Tensor steps) {
      this.trained = trained;
      this.average = average;
      this.squareAverage = squareAverage;
      this.steps = steps;
    }
  }

  LoraFa(List<ParameterGroup> parameters, OptimizerSpec spec) {
    Problems.in("optimizer")
        .unless(
            parameters.stream().anyMatch(LoraFa::projected),
            "name: got lorafa for a model without LoRA's pairs of A and B, expected such an"
                + " adapter")
        .unless(
            spec.epsilon() == OptimizerSpec.defaults().epsilon(),
            "epsilon: got %s, expected none for lorafa; set eps",
            spec.epsilon())
        .throwIfAny();
    this.spec = spec;
    this.own = spec.parametersAs(LoraFaSpec.class);
    StateTensors.inScope(
        parameters,
        trained ->
            slots.add(
                new Slot(
                    trained,
                    state.zeros(trained, "exp_avg"),
                    state.zeros(trained, "exp_avg_sq"),
                    state.keep(trained, "step", zero(trained.parameter().value().device())))));
  }

  private static boolean projected(ParameterGroup trained) {
    return trained.pair() != null && trained.pair().up() == trained.parameter();
  }

  private static Tensor zero(Device device) {
    return Tensor.zeros(DType.FLOAT32, device, 1);
  }

  @Override
  public void step(List<@Nullable Tensor> gradients, double learningRate) {
    update(gradients, learningRate, null);
  }

  @Override
  public void step(List<@Nullable Tensor> gradients, StepNumbers numbers) {
    numbers.clipping().apply();
    update(gradients, numbers.learningRate(), numbers.clipping().skip());
  }

  private void update(
      List<@Nullable Tensor> gradients, double learningRate, @Nullable Tensor skip) {
    for (int i = 0; i < slots.size(); i++) {
      Tensor gradient = gradients.get(i);
      if (gradient != null) {
        try (var _ = Scope.open()) {
          Slot slot = slots.get(i);
          Tensor skipped = skip == null ? zero(gradient.device()) : skip;
          Tensor own = projected(slot.trained) ? project(slot, gradient) : gradient;
          update(slot, own, learningRate, skipped);
        }
      }
    }
  }

  /**
   * One step of a parameter.
   *
   * @param skip FLOAT32 [1]: if it is 1, nothing changes, whatever the gradient's values
   */
  private void update(Slot slot, Tensor gradient, double learningRate, Tensor skip) {
    Tensor parameter = slot.trained.parameter().value();
    DType dtype = parameter.dtype();
    Tensor skipped = Ops.gt(skip, zero(skip.device()));
    Tensor keep = Ops.sub(Tensor.ones(DType.FLOAT32, skip.device(), 1), skip);
    Tensor kept = Ops.to(keep, dtype);
    Tensor g = Ops.maskedFill(gradient, skipped, 0);
    InPlace.addProduct(slot.average, Ops.sub(g, slot.average), kept, 1 - spec.beta1());
    InPlace.addProduct(
        slot.squareAverage, Ops.sub(Ops.square(g), slot.squareAverage), kept, 1 - spec.beta2());
    InPlace.add(slot.steps, keep, 1);
    Tensor rate = Ops.maskedFill(rate(slot.steps, learningRate), skipped, 0);
    Tensor root = Ops.addScalar(Ops.sqrt(slot.squareAverage), own.eps());
    InPlace.addProduct(parameter, Ops.div(slot.average, root), Ops.to(rate, dtype), -1);
    double decay = slot.trained.weightDecay();
    if (decay != 0) {
      InPlace.addProduct(parameter, parameter, kept, -learningRate * decay);
    }
  }

  /** The learning rate with the correction of both moments, FLOAT64 [1]. */
  private Tensor rate(Tensor steps, double learningRate) {
    Tensor count = Ops.to(steps, DType.FLOAT64);
    if (!own.correctBias()) {
      return Tensor.full(learningRate, DType.FLOAT64, steps.device(), 1);
    }
    Tensor second = Ops.sqrt(correction(count, spec.beta2()));
    return Ops.mul(Ops.div(second, correction(count, spec.beta1())), learningRate);
  }

  /** 1 - beta^count. */
  private static Tensor correction(Tensor count, double beta) {
    return Ops.addScalar(Ops.neg(Ops.exp(Ops.mul(count, Math.log(beta)))), 1);
  }

  /** The gradient of B, [out, rank] or [out, rank, 1, 1], multiplied by the projection. */
  private Tensor project(Slot slot, Tensor gradient) {
    if (slot.projection == null) {
      slot.projection = state.hold(projection(slot.trained.pair()));
    }
    Tensor flat = Views.reshape(gradient, gradient.size(0), -1);
    Tensor product = Products.mm(Ops.to(flat, slot.projection.dtype()), slot.projection);
    double scaling = slot.trained.pair().scaling();
    Tensor scaled = Ops.mul(product, 1 / (scaling * scaling));
    return Views.view(Ops.to(scaled, gradient.dtype()), gradient.shape());
  }

  /** (A Aᵀ)⁺, computed once on the host, as A is frozen. */
  private Tensor projection(LowRankPair pair) {
    Tensor down = pair.down().value();
    DType dtype = own.bfloat16() ? DType.BFLOAT16 : down.dtype();
    if (down.device().kind() == Device.Kind.META) {
      return Tensor.empty(dtype, down.device(), down.size(0), down.size(0));
    }
    int rank = (int) down.size(0);
    Tensor a = Views.reshape(Ops.to(Ops.to(down, Device.CPU), DType.FLOAT64), rank, -1);
    double[] gram = Products.mm(a, Views.t(a)).toDoubles();
    for (int i = 0; i < rank; i++) {
      gram[i * rank + i] += DAMPING;
    }
    Tensor inverse = pseudoInverse(Tensor.of(gram, rank, rank));
    return Ops.to(Ops.to(inverse, dtype), down.device());
  }

  /** As {@code torch.linalg.pinv}, with the tolerance that it has for FLOAT32. */
  private static Tensor pseudoInverse(Tensor gram) {
    LinearAlgebra.Svd svd = LinearAlgebra.svd(gram);
    double[] values = svd.s().toDoubles();
    double least = values[0] * values.length * Math.ulp(1f);
    double[] inverse = Arrays.stream(values).map(it -> it > least ? 1 / it : 0).toArray();
    Tensor scaled = Ops.mul(svd.u(), Tensor.of(inverse, inverse.length));
    return Views.t(Products.mm(scaled, svd.vh()));
  }

  @Override
  public Map<String, Tensor> state() {
    return state.all();
  }

  @Override
  public void restore(Map<String, Tensor> saved) {
    state.restore(saved);
  }

  @Override
  public void close() {
    state.close();
  }
}
