package dev.jlora.engine.steps;

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
import dev.jlora.tensor.CaptureStream;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.ProcessCounters;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes optimizer steps: forward and backward of each micro-batch, accumulation, clipping, update.
 * Used by the training loop and by the conformance runner, so that the code that is verified is the
 * code that trains.
 *
 * <p>On a GPU, and whenever the loss is scaled, the host reads nothing of a step and therefore
 * never waits: see {@link Step}.
 */
public final class Stepper implements AutoCloseable {
  private final Network network;
  private final Objective objective;
  private final Optimizer optimizer;
  private final Schedule schedule;
  private final StepSettings settings;
  private final List<Parameter> trained;
  private final TrainingHooks hooks;
  private final RandomStream random;
  private final Update update;
  private final GradientPasses passes;
  private long done;
  private long tokens;
  private String lastGood = "no checkpoint was written yet";

  public Stepper(
      Network network,
      Objective objective,
      List<Parameter> trained,
      Optimizer optimizer,
      Schedule schedule,
      StepSettings settings) {
    this(network, objective, trained, optimizer, schedule, settings, null);
  }

  /**
   * @param captures captures forward and backward of recurring shapes, and is closed with this
   *     stepper; null for no captures. Not used if the host reads every loss
   */
  public Stepper(
      Network network,
      Objective objective,
      List<Parameter> trained,
      Optimizer optimizer,
      Schedule schedule,
      StepSettings settings,
      @Nullable CaptureStream captures) {
    this.network = network;
    this.objective = objective;
    this.trained = trained;
    this.hooks = new TrainingHooks(network, trained);
    this.optimizer = optimizer;
    this.schedule = schedule;
    this.settings = settings;
    boolean half = network.dtype() == DType.FLOAT16;
    boolean looked = network.device().host() && !half;
    double maxNorm = settings.maxGradientNorm();
    this.update =
        looked
            ? new HostUpdate(optimizer, maxNorm, this::requireFinite)
            : new DeviceUpdate(network.device(), optimizer, maxNorm, half);
    boolean repeats = !looked && captures != null;
    this.random =
        GraphCapture.random(repeats ? settings.asCapturable() : settings, network.device());
    this.passes =
        repeats
            ? new CapturedPasses(
                captures,
                network.device(),
                random,
                GradientSum.staying(trained),
                this::forwardAndBackward)
            : new DirectPasses(
                trained, update.precision(), network.device(), this::forwardAndBackward);
  }

  /**
   * Begins a run; adapters are told its length.
   *
   * @param totalSteps optimizer steps of the whole run, including those before a resume
   */
  public void begin(long totalSteps) {
    hooks.begin(totalSteps);
  }

  /** Number of optimizer steps taken. */
  public long done() {
    return done;
  }

  /** The dropout stream. */
  public RandomStream random() {
    return random;
  }

  public Optimizer optimizer() {
    return optimizer;
  }

  /** Continues from a checkpoint. */
  public void seek(long steps, long randomOffset) {
    done = steps;
    random.seek(randomOffset);
  }

  /** Sets the hint about checkpoints for the error of a non-finite loss. */
  public void lastGood(String text) {
    lastGood = text;
  }

  /** The learning rate of the next step. */
  public double learningRate() {
    return settings.learningRate() * schedule.factor(done);
  }

  /** {@link #step(List, Consumer)} without access to the gradients. */
  public Step step(List<Supplier<Map<String, Tensor>>> microBatches) {
    return step(microBatches, null);
  }

  /**
   * Takes one step: loss and gradients are the mean over all items (rows, labelled words or tokens,
   * as counted by {@link Objective#weight}) of its micro-batches. A micro-batch without labels
   * contributes nothing; a step of only such micro-batches changes no weight, see {@link
   * Step#empty}.
   *
   * @param microBatches each supplies its tensors on request, on the host and into the scope that
   *     is then open
   * @param beforeUpdate gets the clipped gradients as used by the optimizer: one per trained
   *     parameter, or null; may be null itself
   * @throws NonFiniteLossException before any weight is changed, if the host reads the loss
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
      List<WeightedBatch> portions = portions(microBatches);
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
      List<WeightedBatch> portions, @Nullable Consumer<List<@Nullable Tensor>> beforeUpdate) {
    update.begin();
    passes.begin();
    try {
      for (WeightedBatch portion : portions) {
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

  /** The micro-batches of a step with their shares, owned by the current scope. */
  private List<WeightedBatch> portions(List<Supplier<Map<String, Tensor>>> microBatches) {
    Profiler.part(Part.FORWARD);
    try (var _ = Profiler.enter(Phase.DATA)) {
      List<Map<String, Tensor>> batches = microBatches.stream().map(Supplier::get).toList();
      return WeightedBatch.of(batches, objective, network);
    }
  }

  /** Adds the gradients of a micro-batch that is in place; see {@link GradientPasses.Work}. */
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
   * Reads a step's values, which are still on the GPU.
   *
   * @throws NonFiniteLossException if one is not finite; such a step has changed no weight
   */
  public void check(Step step, double meanLoss) {
    requireFinite("loss", meanLoss);
    if (network.dtype() != DType.FLOAT16) { // a scaled loss overflows now and then
      requireFinite("gradient norm", step.gradientNorm());
    }
  }

  /**
   * Checks the trained weights before they are saved: a step with a finite loss and gradient may
   * still have an update that overflows.
   *
   * @throws NonFiniteLossException naming the first weight that is not finite
   */
  public void requireFiniteWeights() {
    for (Parameter parameter : trained) {
      double value = Finite.firstOther(parameter.value());
      if (!Double.isFinite(value)) {
        String what = "value in the trained weight '%s'".formatted(parameter.name());
        throw new NonFiniteLossException(done, what, value, lastGood);
      }
    }
  }

  /** The state to save: the optimizer's, and that of loss scaling. */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>(optimizer.state());
    state.putAll(hooks.state());
    state.putAll(update.state());
    return state;
  }

  /** Restores a saved state. */
  public void restore(Map<String, Tensor> saved) {
    Map<String, Tensor> left = new LinkedHashMap<>(saved);
    hooks.restore(left);
    update.restore(left);
    optimizer.restore(left);
  }

  /** Frees its own memory on a GPU; the optimizer and the network belong to the caller. */
  @Override
  public void close() {
    passes.close();
    update.close();
  }

  /** The loss of a micro-batch, recorded on the tape, owned by the current scope. */
  private Tensor loss(Tape tape, Map<String, Tensor> batch) {
    trained.forEach(parameter -> tape.watch(parameter.value()));
    ForwardContext pass = pass(tape);
    Outputs outputs = network.forward(batch, pass);
    Tensor loss = objective.loss(tape, outputs, pass.inputs(), settings.labelSmoothing());
    return hooks.addTo(tape, loss);
  }

  private ForwardContext pass(Tape tape) {
    ForwardContext pass = ForwardContext.training(tape, random);
    if (settings.withoutPadding() && !objective.readsPadding()) {
      pass.withoutPadding();
    }
    return settings.checkpointing() ? pass.withCheckpointing() : pass;
  }

  /**
   * The micro-batch on the network's device, owned by the current scope; its tokens are counted.
   */
  private Map<String, Tensor> placed(WeightedBatch portion) {
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
