package dev.jlora.engine;

import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.ops.Finite;
import dev.jlora.ops.Ops;
import dev.jlora.profile.Part;
import dev.jlora.profile.Phase;
import dev.jlora.profile.Profiler;
import dev.jlora.profile.StepRecorder;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.Schedule;
import dev.jlora.spi.Step;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.ProcessCounters;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.WorkRecorder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One optimizer step: forward and backward of each micro-batch, accumulation, clipping, update. The
 * training loop and the conformance runner share it, so that what is checked is what trains.
 *
 * <p>On a GPU, and wherever the loss is scaled, nothing of a step is looked at by the host, which
 * therefore never waits: see {@link Step}.
 */
public final class Stepper implements AutoCloseable {
  private final Network network;
  private final Objective objective;
  private final Optimizer optimizer;
  private final Schedule schedule;
  private final StepRecipe recipe;
  private final List<Parameter> trained;
  private final RandomStream random;
  private final @Nullable DeviceUpdate unseen;
  private final @Nullable CapturedPasses repeated;
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
    this(network, objective, trained, optimizer, schedule, recipe, null);
  }

  /**
   * @param recorder records forward and backward of shapes that come again, and is closed with this
   *     stepper; null to run them one by one. Where the host looks at every loss it is not used
   */
  public Stepper(
      Network network,
      Objective objective,
      List<Parameter> trained,
      Optimizer optimizer,
      Schedule schedule,
      StepRecipe recipe,
      @Nullable WorkRecorder recorder) {
    this.network = network;
    this.objective = objective;
    this.trained = trained;
    this.optimizer = optimizer;
    this.schedule = schedule;
    this.recipe = recipe;
    boolean half = network.dtype() == DType.FLOAT16;
    this.unseen =
        half || !network.device().host() ? new DeviceUpdate(network.device(), half) : null;
    boolean repeats = unseen != null && recorder != null;
    this.random = GraphCapture.random(repeats ? recipe.asRecordable() : recipe, network.device());
    this.repeated =
        !repeats
            ? null
            : new CapturedPasses(
                recorder,
                network.device(),
                random,
                GradientSum.staying(trained),
                this::forwardAndBackward);
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
    return step(microBatches, null);
  }

  /**
   * Takes one step: loss and gradients are the mean over all items (rows, labelled words or tokens,
   * as {@link Objective#weight} counts them) of its micro-batches. A micro-batch in which nothing
   * is labelled adds nothing; a step of only such changes no weight, see {@link Step#empty}.
   *
   * @param microBatches each gives its tensors when it is asked, on the host and into the scope
   *     that is then open
   * @param beforeUpdate sees the gradients as the optimizer gets them, clipped: one per trained
   *     parameter, null without any; null for nobody
   * @throws NonFiniteLossException before any weight is changed, where the host sees the loss
   */
  public Step step(
      List<Supplier<Map<String, Tensor>>> microBatches,
      @Nullable Consumer<List<@Nullable Tensor>> beforeUpdate) {
    tokens = 0;
    try (StepRecorder recorder = Profiler.step(done + 1, ProcessCounters::now);
        var _ = Scope.open();
        GradientSum sum = new GradientSum(trained)) {
      List<Portion> portions = portions(microBatches);
      if (portions.isEmpty()) {
        return nothing(recorder);
      }
      if (repeated != null) {
        return repeated(portions, beforeUpdate, recorder);
      }
      if (unseen != null) {
        return unseen(portions, beforeUpdate, sum, recorder);
      }
      double loss = 0;
      for (Portion portion : portions) {
        loss += accumulate(portion, sum);
      }
      Profiler.part(Part.UPDATE);
      double norm = clip(sum);
      if (beforeUpdate != null) {
        beforeUpdate.accept(sum.tensors());
      }
      double rate = learningRate();
      try (var _ = Profiler.enter(Phase.OPTIMIZER)) {
        optimizer.step(sum.tensors(), rate);
      }
      done++;
      if (recorder != null) {
        recorder.finished(loss, norm, rate, tokens);
      }
      return Step.of(loss, norm, rate);
    }
  }

  /** The micro-batches of a step in the current scope, as they count. */
  private List<Portion> portions(List<Supplier<Map<String, Tensor>>> microBatches) {
    Profiler.part(Part.FORWARD);
    try (var _ = Profiler.enter(Phase.DATA)) {
      List<Map<String, Tensor>> batches = microBatches.stream().map(Supplier::get).toList();
      return Portion.of(batches, objective, network.architecture().inputs().getFirst());
    }
  }

  /**
   * A step of micro-batches in which nothing is labelled: no weight changes, the schedule moves.
   */
  private Step nothing(@Nullable StepRecorder recorder) {
    Step step = Step.nothing(learningRate());
    done++;
    if (recorder != null) {
      recorder.finished(step.loss(), step.gradientNorm(), step.learningRate(), tokens);
    }
    return step;
  }

  /** A step none of whose numbers the host looks at. */
  private Step unseen(
      List<Portion> portions,
      @Nullable Consumer<List<@Nullable Tensor>> beforeUpdate,
      GradientSum sum,
      @Nullable StepRecorder recorder) {
    unseen.begin();
    Tensor loss = null;
    for (Portion portion : portions) {
      loss = accumulateUnseen(portion, sum, loss);
    }
    return updated(loss, sum, beforeUpdate, recorder);
  }

  /** The same, with forward and backward from recordings where there are some. */
  private Step repeated(
      List<Portion> portions,
      Consumer<List<@Nullable Tensor>> beforeUpdate,
      @Nullable StepRecorder recorder) {
    unseen.begin();
    repeated.begin();
    for (Portion portion : portions) {
      try (var _ = Scope.open()) {
        repeated.add(placed(portion), portion.share());
      }
    }
    try (var _ = Scope.open()) {
      Tensor loss = unseen.keep(repeated.loss());
      return updated(loss, repeated.gradients(), beforeUpdate, recorder);
    }
  }

  /** The second half of a step that the host does not look at. */
  private Step updated(
      Tensor loss,
      GradientSum sum,
      Consumer<List<@Nullable Tensor>> beforeUpdate,
      @Nullable StepRecorder recorder) {
    Profiler.part(Part.UPDATE);
    double rate = learningRate();
    Tensor norm;
    try (var _ = Profiler.enter(Phase.OPTIMIZER)) {
      norm = unseen.apply(sum, recipe.maxGradientNorm(), optimizer, rate, beforeUpdate);
    }
    done++;
    Step step = Step.pending(loss, norm, rate);
    if (recorder != null) {
      recorder.finished(step.loss(), step.gradientNorm(), rate, tokens);
    }
    return step;
  }

  /** Adds one micro-batch's share of the gradients, and of the loss to what others gave. */
  private Tensor accumulateUnseen(Portion portion, GradientSum gradients, @Nullable Tensor before) {
    try (var _ = Scope.open()) {
      Tensor share =
          portion.share() == 1
              ? null
              : Tensor.full(portion.share(), DType.FLOAT32, network.device());
      Tensor part = forwardAndBackward(placed(portion), share, gradients);
      return unseen.keep(before == null ? part : Ops.add(before, part));
    }
  }

  /**
   * Adds the gradients of a batch that is in place; returns its share of the loss.
   *
   * @param share 0-dim FLOAT32 on the device; null for all of it
   */
  private Tensor forwardAndBackward(
      Map<String, Tensor> batch, @Nullable Tensor share, GradientSum gradients) {
    try (var _ = Scope.open();
        Tape tape = Tape.recording()) {
      Tensor loss = loss(tape, batch);
      Profiler.part(Part.BACKWARD);
      try (Gradients found = tape.backward(loss, unseen.seed(loss, share))) {
        gradients.add(found);
      }
      Tensor value = Ops.to(loss, DType.FLOAT32);
      return Scope.moveOut(share == null ? Ops.clone(value) : Ops.mul(value, share));
    }
  }

  /**
   * Looks at a step's numbers, which the host has not seen on a GPU.
   *
   * @throws NonFiniteLossException if one is not finite; no such step has changed a weight
   */
  void check(Step step, double meanLoss) {
    requireFinite("loss", meanLoss);
    if (network.dtype() != DType.FLOAT16) { // a scaled loss overflows now and then
      requireFinite("gradient norm", step.gradientNorm());
    }
  }

  /**
   * Looks at the trained weights before they are saved: a step may have a finite loss and gradient
   * and still an update that overflows.
   *
   * @throws NonFiniteLossException naming the first weight that is not finite
   */
  void requireFiniteWeights() {
    for (Parameter parameter : trained) {
      double value = Finite.firstOther(parameter.value());
      if (!Double.isFinite(value)) {
        String what = "value in the trained weight '%s'".formatted(parameter.name());
        throw new NonFiniteLossException(done, what, value, lastGood);
      }
    }
  }

  /** The state to save: the optimizer's, and that of loss scaling. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>(optimizer.state());
    if (unseen != null) {
      state.putAll(unseen.state());
    }
    return state;
  }

  /** Takes over a saved state. */
  void restore(Map<String, Tensor> saved) {
    Map<String, Tensor> left = new LinkedHashMap<>(saved);
    if (unseen != null) {
      unseen.restore(left);
    }
    optimizer.restore(left);
  }

  /** Frees what it holds on a GPU; the optimizer and the network are its caller's. */
  @Override
  public void close() {
    if (repeated != null) {
      repeated.close();
    }
    if (unseen != null) {
      unseen.close();
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
  private double accumulate(Portion portion, GradientSum gradients) {
    double share = portion.share();
    try (Scope scope = Scope.open();
        Tape tape = Tape.recording()) {
      Tensor loss = loss(tape, placed(portion));
      double value = loss.item();
      requireFinite("loss", value);
      Profiler.part(Part.BACKWARD);
      try (Gradients found = tape.backward(loss, Tensor.full(share, loss.dtype(), loss.shape()))) {
        gradients.add(found);
      }
      return value * share;
    }
  }

  /** The loss of a micro-batch, with all that led to it on the tape, in the current scope. */
  private Tensor loss(Tape tape, Map<String, Tensor> batch) {
    trained.forEach(parameter -> tape.watch(parameter.value()));
    Outputs outputs = network.forward(batch, pass(tape));
    return objective.loss(tape, outputs, batch, recipe.labelSmoothing());
  }

  private ForwardContext pass(Tape tape) {
    ForwardContext pass = ForwardContext.training(tape, random);
    if (recipe.withoutPadding() && !objective.readsPadding()) {
      pass.withoutPadding();
    }
    return recipe.checkpointing() ? pass.withCheckpointing() : pass;
  }

  /** The micro-batch where the network is, in the current scope; its tokens are counted. */
  private Map<String, Tensor> placed(Portion portion) {
    Profiler.part(Part.FORWARD);
    try (var _ = Profiler.enter(Phase.DATA)) {
      Map<String, Tensor> tensors = network.place(portion.batch());
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
