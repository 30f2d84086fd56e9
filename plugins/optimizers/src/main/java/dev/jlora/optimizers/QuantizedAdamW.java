package dev.jlora.optimizers;

import dev.jlora.backend.StepNumbers;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.spec.OptimizerSpec;
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
 * AdamW whose moments are stored in 8 bits between steps (arXiv:2110.02861). All parameters share
 * one sequence of blocks, each parameter starting a new block, so that a step consists of few
 * operators over all of them; the host reads no values.
 */
final class QuantizedAdamW implements Optimizer {
  private static final int BLOCK = QuantizedBlocks.BLOCK;

  /** A parameter's blocks: {@code count} of them, starting at {@code first}. */
  private record Segment(ParameterGroup trained, long first, long count) {
    Tensor parameter() {
      return trained.parameter().value();
    }

    Tensor of(Tensor blocks) {
      return Views.slice(blocks, 0, first, first + count);
    }
  }

  private final OptimizerSpec spec;
  private final Device device;
  private final List<Segment> segments;
  private final StateTensors state = new StateTensors();
  private final QuantizedBlocks average;
  private final QuantizedBlocks squareAverage;
  private final Tensor steps;

  /**
   * @param parameters one or more, all on one device
   */
  QuantizedAdamW(List<ParameterGroup> parameters, OptimizerSpec spec) {
    this.spec = spec;
    this.device = parameters.getFirst().parameter().value().device();
    this.segments = segments(parameters);
    try (var _ = Scope.open()) {
      average = blocks("exp_avg", true);
      squareAverage = blocks("exp_avg_sq", false);
      steps = named("step", Tensor.zeros(DType.FLOAT32, device, count(), 1));
    }
  }

  private static List<Segment> segments(List<ParameterGroup> parameters) {
    List<Segment> segments = new ArrayList<>();
    long first = 0;
    for (ParameterGroup trained : parameters) {
      long blocks = Math.ceilDiv(trained.parameter().value().elements(), BLOCK);
      segments.add(new Segment(trained, first, blocks));
      first += blocks;
    }
    return List.copyOf(segments);
  }

  private long count() {
    Segment last = segments.getLast();
    return last.first() + last.count();
  }

  private QuantizedBlocks blocks(String what, boolean signed) {
    DynamicMap map = DynamicMap.on(device, signed);
    return new QuantizedBlocks(
        named(what, Tensor.zeros(DType.UINT8, device, count(), BLOCK)),
        named(what + "_scale", Tensor.zeros(DType.FLOAT32, device, count(), 1)),
        new DynamicMap(state.hold(map.values()), state.hold(map.borders())));
  }

  /** Keeps a tensor over all blocks; its state is saved by parameter. */
  private Tensor named(String what, Tensor blocks) {
    for (Segment segment : segments) {
      state.keep(segment.trained(), what, segment.of(blocks));
    }
    return state.hold(blocks);
  }

  @Override
  public void step(List<@Nullable Tensor> gradients, double learningRate) {
    try (var _ = Scope.open()) {
      Tensor rate = Tensor.full(learningRate, DType.FLOAT32, device, 1);
      update(gradients, rate, Tensor.zeros(DType.FLOAT32, device, 1));
    }
  }

  @Override
  public void step(List<@Nullable Tensor> gradients, StepNumbers numbers) {
    numbers.clipping().apply();
    try (var _ = Scope.open()) {
      update(gradients, numbers.rate(), numbers.clipping().skip());
    }
  }

  private void update(List<@Nullable Tensor> gradients, Tensor rate, Tensor skip) {
    Tensor idle = idle(gradients, skip);
    Tensor keep = Ops.gt(idle, Tensor.scalar(0.5, DType.FLOAT32));
    steps.copyFrom(Ops.add(steps, inverse(idle)));
    Tensor g = inBlocks(gradients);
    Tensor m = Ops.add(Ops.mul(average.values(), spec.beta1()), g, 1 - spec.beta1());
    Tensor v =
        Ops.add(Ops.mul(squareAverage.values(), spec.beta2()), Ops.square(g), 1 - spec.beta2());
    Tensor spread = Ops.mul(Ops.sqrt(v), Ops.rsqrt(correction(spec.beta2())));
    Tensor change = Ops.div(m, Ops.addScalar(spread, spec.epsilon()));
    Tensor scaled = Ops.mul(change, Ops.div(Ops.neg(rate), correction(spec.beta1())));
    apply(Ops.where(keep, Tensor.zerosLike(scaled), scaled), gradients, rate, inverse(skip));
    average.store(m, keep);
    squareAverage.store(v, keep);
  }

  /**
   * 1 for blocks that must not change, FLOAT32 [blocks, 1], or [1, 1] if that is the same for all.
   */
  private Tensor idle(List<@Nullable Tensor> gradients, Tensor skip) {
    Tensor all = Views.view(skip, 1, 1);
    if (gradients.stream().allMatch(gradient -> gradient != null)) {
      return all;
    }
    float[] absent = new float[Math.toIntExact(count())];
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      if (gradients.get(i) == null) {
        int first = (int) segment.first();
        Arrays.fill(absent, first, first + (int) segment.count(), 1);
      }
    }
    return Ops.maximum(Tensor.of(absent, count(), 1).to(device), all);
  }

  private static Tensor inverse(Tensor truth) {
    return Ops.addScalar(Ops.neg(truth), 1);
  }

  /** 1 - beta^t for each block, FLOAT32 [blocks, 1], computed in FLOAT64. */
  private Tensor correction(double beta) {
    Tensor power = Ops.exp(Ops.mul(Ops.to(steps, DType.FLOAT64), Math.log(beta)));
    return Ops.to(inverse(power), DType.FLOAT32);
  }

  /** The concatenated gradients, FLOAT32 [blocks, BLOCK]; zeros for absent ones. */
  private Tensor inBlocks(List<@Nullable Tensor> gradients) {
    List<Tensor> pieces = new ArrayList<>();
    for (int i = 0; i < segments.size(); i++) {
      long room = segments.get(i).count() * BLOCK;
      Tensor gradient = gradients.get(i);
      if (gradient != null) {
        pieces.add(Views.reshape(Ops.to(gradient, DType.FLOAT32), -1));
        room -= gradient.elements();
      }
      if (room > 0) {
        pieces.add(Tensor.zeros(DType.FLOAT32, device, room));
      }
    }
    return Views.view(Ops.cat(0, pieces.toArray(Tensor[]::new)), count(), BLOCK);
  }

  /** Applies weight decay, then the update. */
  private void apply(Tensor change, List<@Nullable Tensor> gradients, Tensor rate, Tensor active) {
    Tensor decaying = Ops.mul(rate, active);
    for (int i = 0; i < segments.size(); i++) {
      if (gradients.get(i) == null) {
        continue;
      }
      Segment segment = segments.get(i);
      Tensor parameter = segment.parameter();
      double decay = segment.trained().weightDecay();
      if (decay != 0) {
        Tensor factor = Ops.addScalar(Ops.mul(decaying, -decay), 1);
        InPlace.mul(parameter, Ops.to(factor, parameter.dtype()));
      }
      Tensor flat = Views.view(segment.of(change), -1);
      Tensor own = Views.view(Views.slice(flat, 0, 0, parameter.elements()), parameter.shape());
      InPlace.add(parameter, Ops.to(own, parameter.dtype()), 1);
    }
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
