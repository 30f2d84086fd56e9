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
  private final TrainingHooks hooks;
  private final RandomStream random;
  private final Update update;
  private final Passes passes;
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
    this.hooks = new TrainingHooks(network, trained);
    this.optimizer = optimizer;
    this.schedule = schedule;
    this.recipe = recipe;
    boolean half = network.dtype() == DType.FLOAT16;
    boolean looked = network.device().host() && !half;
    double maxNorm = recipe.maxGradientNorm();
    this.update =
        looked
            ? new HostUpdate(optimizer, maxNorm, this::requireFinite)
            : new DeviceUpdate(network.device(), optimizer, maxNorm, half);
    boolean repeats = !looked && recorder != null;
    this.random = GraphCapture.random(repeats ? recipe.asRecordable() : recipe, network.device());
    this.passes =
        repeats
            ? new CapturedPasses(
                recorder,
                network.device(),
                random,
                GradientSum.staying(trained),
                this::forwardAndBackward)
            : new DirectPasses(
                trained, update.precision(), network.device(), this::forwardAndBackward);
  }

  /**
   * Begins a run: adapters learn how long it is.
   *
   * @param totalSteps optimizer steps of the whole run, those before a resume included
   */
  public void begin(long totalSteps) {
    hooks.begin(totalSteps);
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
    Step step = take(microBatches, hooks.before(done + 1, beforeUpdate));
    if (!step.empty()) {
      hooks.after(done);
    }
    return step;
  }

  private Step take(
      List<Supplier<Map<String, Tensor>>> microBatches,
      @Nullable Consumer<List<@Nullable Tensor>> beforeUpdate) {
    tokens = 0;
    try (StepRecorder recorder = Profiler.step(done + 1, ProcessCounters::now);
        var _ = Scope.open()) {
      List<Portion> portions = portions(microBatches);
      Step step =
          portions.isEmpty() // nothing is labelled: no weight changes, the schedule moves
              ? Step.nothing(learningRate())
              : taken(portions, beforeUpdate);
      done++;
      if (recorder != null) {
        recorder.finished(step.loss(), step.gradientNorm(), step.learningRate(), tokens);
      }
      return step;
    }
  }

  private Step taken(
      List<Portion> portions, @Nullable Consumer<List<@Nullable Tensor>> beforeUpdate) {
    update.begin();
    passes.begin();
    try {
      for (Portion portion : portions) {
        try (var _ = Scope.open()) {
          passes.add(placed(portion), portion.share());
        }
      }
      Profiler.part(Part.UPDATE);
      return update.apply(passes.loss(), passes.gradients(), learningRate(), beforeUpdate);
    } finally {
      passes.end();
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

  /** Adds the gradients of a micro-batch that is in place; see {@link Passes.Work}. */
  private Tensor forwardAndBackward(
      Map<String, Tensor> batch, @Nullable Tensor share, GradientSum gradients) {
    try (var _ = Scope.open();
        Tape tape = Tape.recording()) {
      Tensor loss = loss(tape, batch);
      update.see(loss);
      Profiler.part(Part.BACKWARD);
      try (Gradients found = tape.backward(loss, update.seed(loss, share))) {
        gradients.add(found);
      }
      Tensor value = Ops.to(loss, update.precision());
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
    state.putAll(hooks.state());
    state.putAll(update.state());
    return state;
  }

  /** Takes over a saved state. */
  void restore(Map<String, Tensor> saved) {
    Map<String, Tensor> left = new LinkedHashMap<>(saved);
    hooks.restore(left);
    update.restore(left);
    optimizer.restore(left);
  }

  /** Frees what it holds on a GPU; the optimizer and the network are its caller's. */
  @Override
  public void close() {
    passes.close();
    update.close();
  }

  /** The loss of a micro-batch, with all that led to it on the tape, in the current scope. */
  private Tensor loss(Tape tape, Map<String, Tensor> batch) {
    trained.forEach(parameter -> tape.watch(parameter.value()));
    ForwardContext pass = pass(tape);
    Outputs outputs = network.forward(batch, pass);
    Tensor loss = objective.loss(tape, outputs, pass.inputs(), recipe.labelSmoothing());
    return hooks.addTo(tape, loss);
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
