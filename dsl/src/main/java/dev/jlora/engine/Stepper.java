package dev.jlora.engine;

import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Network;
import dev.jlora.model.Outputs;
import dev.jlora.model.Parameter;
import dev.jlora.model.Pass;
import dev.jlora.profile.Part;
import dev.jlora.profile.Phase;
import dev.jlora.profile.Profiler;
import dev.jlora.profile.StepRecorder;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.Schedule;
import dev.jlora.tensor.ProcessCounters;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One optimizer step: forward and backward of each micro-batch, accumulation, clipping, update. The
 * training loop and the conformance runner share it, so that what is checked is what trains.
 */
public final class Stepper {
  private final Network network;
  private final Objective objective;
  private final Optimizer optimizer;
  private final Schedule schedule;
  private final StepRecipe recipe;
  private final List<Parameter> trained;
  private final RandomStream random;
  private long done;
  private long tokens;
  private String lastGood = "no checkpoint was written yet";

  public Stepper(
      Network network,
      Objective objective,
      List<Parameter> trained,
      Optimizer optimizer,
      Schedule schedule,
      StepRecipe recipe) {
    this.network = network;
    this.objective = objective;
    this.trained = trained;
    this.optimizer = optimizer;
    this.schedule = schedule;
    this.recipe = recipe;
    this.random = new RandomStream(recipe.seed());
  }

  /** Optimizer steps taken. */
  public long done() {
    return done;
  }

  /** The stream that dropout draws from. */
  public RandomStream random() {
    return random;
  }

  public Optimizer optimizer() {
    return optimizer;
  }

  /** Goes on from a checkpoint. */
  public void seek(long steps, long randomOffset) {
    done = steps;
    random.seek(randomOffset);
  }

  /** What to say about checkpoints when a loss is not a number. */
  void lastGood(String text) {
    lastGood = text;
  }

  /** The rate of the next step. */
  public double learningRate() {
    return recipe.learningRate() * schedule.factor(done);
  }

  /** {@link #step(List, Consumer)} without a look at the gradients. */
  public Step step(List<Supplier<Map<String, Tensor>>> microBatches) {
    return step(microBatches, _ -> {});
  }

  /**
   * Takes one step.
   *
   * @param microBatches each gives its tensors when it is asked, into the scope that is then open
   * @param beforeUpdate sees the gradients as the optimizer gets them, clipped: one per trained
   *     parameter, null without any
   * @throws NonFiniteLossException before any weight is changed
   */
  public Step step(
      List<Supplier<Map<String, Tensor>>> microBatches,
      Consumer<List<@Nullable Tensor>> beforeUpdate) {
    tokens = 0;
    try (StepRecorder recorder = Profiler.step(done + 1, ProcessCounters::now);
        GradientSum sum = new GradientSum(trained)) {
      double loss = 0;
      for (Supplier<Map<String, Tensor>> batch : microBatches) {
        loss += accumulate(batch, 1.0 / microBatches.size(), sum);
      }
      Profiler.part(Part.UPDATE);
      double norm = clip(sum);
      beforeUpdate.accept(sum.tensors());
      double rate = learningRate();
      try (var _ = Profiler.enter(Phase.OPTIMIZER)) {
        optimizer.step(sum.tensors(), rate);
      }
      done++;
      if (recorder != null) {
        recorder.finished(loss, norm, rate, tokens);
      }
      return new Step(loss, norm, rate);
    }
  }

  /** Clips the gradients where the recipe says so; returns their norm before. */
  private double clip(GradientSum sum) {
    try (var _ = Profiler.enter(Phase.CLIPPING)) {
      double norm = sum.norm();
      requireFinite("gradient norm", norm);
      if (recipe.maxGradientNorm() > 0) {
        sum.clip(norm, recipe.maxGradientNorm());
      }
      return norm;
    }
  }

  /** Adds one micro-batch's share of the gradients; returns its share of the loss. */
  private double accumulate(
      Supplier<Map<String, Tensor>> batch, double share, GradientSum gradients) {
    try (Scope scope = Scope.open();
        Tape tape = Tape.recording()) {
      trained.forEach(parameter -> tape.watch(parameter.value()));
      Profiler.part(Part.FORWARD);
      Map<String, Tensor> tensors = tensors(batch);
      Outputs outputs = network.forward(tensors, Pass.training(tape, random));
      Tensor loss = objective.loss(tape, outputs, tensors, recipe.labelSmoothing());
      double value = loss.item();
      requireFinite("loss", value);
      Profiler.part(Part.BACKWARD);
      try (Gradients found = tape.backward(loss, Tensor.full(share, loss.dtype(), loss.shape()))) {
        gradients.add(found);
      }
      return value * share;
    }
  }

  /** The micro-batch in the current scope, its tokens counted. */
  private Map<String, Tensor> tensors(Supplier<Map<String, Tensor>> batch) {
    try (var _ = Profiler.enter(Phase.DATA)) {
      Map<String, Tensor> tensors = batch.get();
      Tensor ids = tensors.get("input_ids");
      tokens += ids == null ? 0 : ids.elements();
      return tensors;
    }
  }

  private void requireFinite(String what, double value) {
    if (!Double.isFinite(value)) {
      throw new NonFiniteLossException(done + 1, what, value, lastGood);
    }
  }
}
