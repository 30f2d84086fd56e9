package dev.jlora.engine.training;

import dev.jlora.data.BatchLoader;
import dev.jlora.data.BatchPosition;
import dev.jlora.data.BatchSampler;
import dev.jlora.data.Collator;
import dev.jlora.data.Examples;
import dev.jlora.data.HostBatch;
import dev.jlora.engine.evaluation.Evaluation;
import dev.jlora.engine.evaluation.Evaluator;
import dev.jlora.engine.runs.Checkpoints;
import dev.jlora.engine.runs.ResumePoint;
import dev.jlora.engine.runs.RunFolder;
import dev.jlora.engine.runs.RunWriter;
import dev.jlora.engine.steps.NonFiniteLossException;
import dev.jlora.engine.steps.Stepper;
import dev.jlora.io.Amount;
import dev.jlora.io.FormatException;
import dev.jlora.spec.Interval;
import dev.jlora.spec.Nearest;
import dev.jlora.spi.Callback;
import dev.jlora.spi.Step;
import dev.jlora.spi.TrainerState;
import dev.jlora.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The training loop: steps, log lines, evaluations, checkpoints, and resuming. A run that was
 * killed and resumed ends with the same weights as one that was not.
 */
final class Trainer {
  private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

  private final TrainingSettings settings;
  private final Stepper stepper;
  private final Examples examples;
  private final Collator collator;
  private final RunWriter run;
  private final @Nullable Evaluator evaluator;
  private final List<Callback> callbacks;
  private final Checkpoints checkpoints;
  private final BatchSampler sampler;
  private final ResumePoint.DataOrder order;

  private TrainerState state;
  private BatchPosition position = BatchPosition.START;
  private final LossMeter losses = new LossMeter();
  private long evaluated = -1; // the last step of which there are figures
  private long saved = -1; // the last step of which there is a checkpoint
  private boolean learned; // whether any step had something to learn
  private boolean toldOfEmpty;

  Trainer(
      TrainingSettings settings,
      Stepper stepper,
      Examples examples,
      Collator collator,
      RunWriter run,
      @Nullable Evaluator evaluator,
      List<Callback> callbacks) {
    this.settings = settings;
    this.stepper = stepper;
    this.examples = examples;
    this.collator = collator;
    this.run = run;
    this.evaluator = evaluator;
    this.callbacks = List.copyOf(callbacks);
    this.checkpoints = new Checkpoints(settings.output());
    this.sampler = new BatchSampler(examples.size(), settings.sampler(), examples);
    this.order = settings.dataOrder(examples.size());
    this.state = TrainerState.start(settings.totalSteps(sampler.batchesPerEpoch()));
  }

  /** Continues from the newest checkpoint of the output folder, if there is one. */
  void resume() {
    checkpoints.newest().ifPresent(this::restore);
  }

  private void restore(Path checkpoint) {
    ResumePoint point = ResumePoint.read(checkpoint);
    ResumeCheck.refuse(checkpoint, point.differences(order, stepper.random().seed()));
    TrainerState read = RunWriter.state(checkpoint, point);
    point.requirePosition(checkpoint, sampler.batchesPerEpoch());
    if (read.epoch() != epochs(point.position())) {
      throw new FormatException(
          checkpoint.resolve(TrainerState.FILE),
          "'epoch' is %s, and %s says %s."
              .formatted(read.epoch(), RunFolder.RESUME, epochs(point.position())),
          RunWriter.OLDER);
    }
    if (settings.bestMetric() != null) {
      ResumeCheck.requireBest(
          checkpoint.resolve(TrainerState.FILE), read, settings.bestMetric().key());
    }
    Long best = settings.bestMetric() == null ? null : read.bestStep();
    if (best != null && !Files.isDirectory(checkpoints.at(best))) {
      throw new FormatException(
          checkpoint.resolve(TrainerState.FILE),
          "names step %d as the best, and %s is not there.".formatted(best, checkpoints.at(best)),
          "Put that checkpoint back, or start a new run.");
    }
    run.adapter().load(checkpoint);
    stepper.lastGood(checkpoint + " holds it; resume from an older checkpoint");
    stepper.requireFiniteWeights();
    RunWriter.optimizer(checkpoint, stepper::restore);
    try {
      stepper.seek(point.step(), point.dropoutOffset());
    } catch (IllegalArgumentException e) {
      throw new FormatException(
          checkpoint.resolve(RunFolder.RESUME).toString(),
          "'dropout_offset' is %d: %s.".formatted(point.dropoutOffset(), e.getMessage()),
          RunWriter.OLDER,
          e);
    }
    stepper.lastGood("the last good checkpoint is " + checkpoint);
    position = point.position();
    sampler.seek(position);
    losses.set(point.loggedLoss(), point.loggedSteps());
    if (read.maxSteps() != state.maxSteps()) {
      LOG.info(
          "{}: the run was to take {} steps and now takes {}; the schedule is that of the new"
              + " length",
          checkpoint,
          read.maxSteps(),
          state.maxSteps());
    }
    state = read.withMaxSteps(state.maxSteps());
    saved = state.globalStep();
    evaluated = lastEvaluated();
    learned = true;
    // a run that was killed between a checkpoint and the removal of an older one left both
    checkpoints.prune(settings.saveLimit(), state.bestStep());
  }

  /** Completed epochs, including the fraction of the current one. */
  private double epochs(BatchPosition at) {
    return at.epoch() + (double) at.batch() / sampler.batchesPerEpoch();
  }

  private long lastEvaluated() {
    return state.logHistory().stream()
        .filter(entry -> entry.containsKey("eval_loss"))
        .mapToLong(entry -> entry.get("step").longValue())
        .max()
        .orElse(-1);
  }

  /**
   * Trains to the end and leaves the kept weights in the network and in the output folder.
   *
   * @throws NonFiniteLossException naming the step, with all checkpoints intact
   * @throws FormatException naming the training data, if a whole epoch has no labels
   */
  Run run() {
    long start = System.nanoTime();
    long first = state.globalStep();
    tell(callback -> callback.onTrainBegin(state));
    try (Signals signals = Signals.listen();
        losses) {
      train(signals);
      Run run = finish(first, start);
      if (signals.caught()) {
        throw signals.stopped("after the last step; the run is complete, in " + settings.output());
      }
      return run;
    }
  }

  /** Takes the steps that are left, evaluates and saves; does not write the result. */
  private void train(Signals signals) {
    boolean resumed = state.globalStep() > 0;
    if (resumed) {
      catchUp(signals);
    }
    String stop = resumed ? stop() : null; // a resumed run may have nothing left to do
    if (stop != null || state.globalStep() >= state.maxSteps()) {
      message(OutcomeMessages.finishedBefore(state));
    } else {
      stop = steps(signals);
    }
    if (stop != null) {
      message(stop);
    }
    complete(signals);
  }

  /** Makes the evaluation that a signal interrupted; its checkpoint is written again. */
  private void catchUp(Signals signals) {
    boolean epochEnded = position.batch() == 0;
    boolean last = state.globalStep() >= state.maxSteps();
    if (!last
        && evaluator != null
        && evaluated != state.globalStep()
        && is(settings.evaluate(), epochEnded, last)
        && (evaluate(signals) || is(settings.save(), epochEnded, last))) {
      save();
    }
  }

  /** Leaves the kept weights in the network and writes the result. */
  private Run finish(long first, long start) {
    var wanted = settings.bestMetric();
    Long best = wanted == null ? null : state.bestStep();
    if (wanted != null) {
      message(OutcomeMessages.kept(state, wanted));
    }
    if (best != null) {
      run.adapter().load(checkpoints.at(best));
    }
    stepper.requireFiniteWeights();
    run.result(state);
    tell(callback -> callback.onTrainEnd(state));
    return new Run(
        settings.output(),
        state,
        first,
        keptEvaluation(best),
        best == null ? null : checkpoints.at(best),
        (System.nanoTime() - start) / 1e9);
  }

  /** Trains to the last step or until something ends the run; returns the reason, or null. */
  private @Nullable String steps(Signals signals) {
    try (BatchLoader loader =
        BatchLoader.start(
            sampler, examples, collator, BatchLoader.Options.epochs(Integer.MAX_VALUE))) {
      while (true) {
        if (position.batch() == 0) {
          int epoch = position.epoch();
          tell(callback -> callback.onEpochBegin(state, epoch));
        }
        int epoch = position.epoch();
        Step step = step(loader);
        boolean epochEnds = position.epoch() > epoch;
        boolean last = state.globalStep() >= state.maxSteps();
        tell(callback -> callback.onStep(state, step));
        log(step, last);
        if (!learned && (epochEnds || last)) {
          throw nothingToLearn();
        }
        boolean gained = is(settings.evaluate(), epochEnds, last) && evaluate(signals);
        if (gained || is(settings.save(), epochEnds, last)) {
          save();
        }
        if (epochEnds) {
          tell(callback -> callback.onEpochEnd(state, epoch));
        }
        String stop = stop();
        if (stop != null || last) {
          return stop;
        }
        if (signals.caught()) {
          throw stopped(signals);
        }
      }
    }
  }

  /**
   * Evaluates and saves the last step, unless that was done: for a run that ended before its number
   * of steps, or was killed in between.
   */
  private void complete(Signals signals) {
    boolean gained =
        !(settings.evaluate() instanceof Interval.Never)
            && evaluated != state.globalStep()
            && evaluate(signals);
    boolean due = !(settings.save() instanceof Interval.Never) && saved != state.globalStep();
    if (gained || due) {
      save();
    }
  }

  /** Ends a run after a signal, with a checkpoint of its last step. */
  private StoppedException stopped(Signals signals) {
    Path checkpoint = checkpoints.at(state.globalStep());
    if (saved != state.globalStep()) {
      save();
    }
    return signals.stopped(
        "after step %d of %d; saved in %s. To continue, run the same job with resume:"
                .formatted(state.globalStep(), state.maxSteps(), checkpoint)
            + " --resume on the command line, resume() in Java.");
  }

  /** Takes the next micro-batches, fewer at the end of an epoch, and makes one step of them. */
  private Step step(BatchLoader loader) {
    List<HostBatch> batches = new ArrayList<>();
    try {
      boolean epochEnds = false;
      while (batches.size() < settings.accumulation() && !epochEnds) {
        HostBatch batch = loader.next();
        batches.add(batch);
        epochEnds = batch.rows().lastOfEpoch();
      }
      List<Supplier<Map<String, Tensor>>> tensors = new ArrayList<>();
      batches.forEach(batch -> tensors.add(batch::toTensors));
      Step step = stepper.step(tensors);
      position = batches.getLast().rows().after();
      state = state.at(stepper.done(), epochs(position));
      losses.add(step);
      learned |= !step.empty();
      if (step.empty() && !toldOfEmpty) {
        toldOfEmpty = true;
        String where = examples.get(batches.getFirst().rows().rows()[0]).where();
        message(
            "step %d: nothing is labelled in its rows (from %s on), so it changes no weight"
                .formatted(state.globalStep(), where));
      }
      return step;
    } finally {
      batches.forEach(HostBatch::close);
    }
  }

  private FormatException nothingToLearn() {
    return new FormatException(
        examples.dataset().name(),
        "has no label, word or token to learn in the rows of the first %s."
            .formatted(Amount.of(state.globalStep(), "step")),
        "Label some of its rows, or check the columns that the job names.");
  }

  /** Whether an event is due after a step; always after the last one of the run. */
  private boolean is(Interval interval, boolean epochEnds, boolean last) {
    return switch (interval) {
      case Interval.Never _ -> false;
      case Interval.Epoch _ -> epochEnds || last;
      case Interval.Steps every -> state.globalStep() % every.steps() == 0 || last;
    };
  }

  private void log(Step step, boolean last) {
    if (state.globalStep() % settings.loggingSteps() == 0 || last) {
      var values = new LinkedHashMap<String, Double>();
      if (losses.steps() > 0) { // else nothing was labelled since the last line
        double loss = losses.sum() / losses.steps();
        stepper.check(step, loss);
        values.put("loss", loss);
      }
      run.folder().requireThere();
      values.put("grad_norm", step.gradientNorm());
      values.put("learning_rate", step.learningRate());
      losses.set(0, 0);
      state = state.logged(values);
      tell(callback -> callback.onLog(state, values));
    }
  }

  /**
   * Evaluates if there are rows; returns whether the best value was exceeded.
   *
   * @throws StoppedException after a signal, with a checkpoint of before the evaluation
   */
  private boolean evaluate(Signals signals) {
    if (evaluator == null) {
      return false;
    }
    Evaluation evaluation = evaluator.evaluate(signals::caught);
    if (evaluation == null) {
      throw stopped(signals);
    }
    Map<String, Double> values = evaluation.asLog();
    state = state.logged(values);
    evaluated = state.globalStep();
    boolean gained = false;
    var best = settings.bestMetric();
    if (best != null) {
      Double value = values.get(best.key());
      if (value == null) {
        throw new IllegalArgumentException(
            "best_metric: got '%s', expected one of %s"
                .formatted(best.key(), Nearest.list(best.key(), values.keySet())));
      }
      state = state.judged(value, best.largerIsBetter(), settings.threshold());
      gained = state.evaluationsWithoutGain() == 0;
    }
    tell(callback -> callback.onEvaluate(state, values));
    if (evaluation.items() == 0) {
      message(
          "step %d: nothing is labelled in the %s to evaluate on, so their figures are no numbers"
              .formatted(state.globalStep(), Amount.of(evaluation.rows(), "row")));
    }
    return gained;
  }

  /** The reason why training ends early; null if it does not. */
  private @Nullable String stop() {
    var best = settings.bestMetric();
    if (best != null
        && settings.patience() > 0
        && state.evaluationsWithoutGain() >= settings.patience()) {
      return OutcomeMessages.stoppedEarly(state, best, settings.threshold());
    }
    return callbacks.stream()
        .filter(callback -> callback.wantsToStop(state))
        .findFirst()
        .map(callback -> OutcomeMessages.stoppedBy(state, callback))
        .orElse(null);
  }

  private void save() {
    stepper.requireFiniteWeights();
    run.folder().requireThere();
    var at =
        new ResumePoint(
            stepper.done(),
            position.epoch(),
            position.batch(),
            stepper.random().seed(),
            stepper.random().offset(),
            losses.sum(),
            losses.steps(),
            order,
            null,
            null);
    Path checkpoint =
        checkpoints.write(
            state.globalStep(), folder -> run.checkpoint(folder, state, stepper.state(), at));
    saved = state.globalStep();
    stepper.lastGood("the last good checkpoint is " + checkpoint);
    checkpoints.prune(settings.saveLimit(), state.bestStep());
    tell(callback -> callback.onSave(state, checkpoint));
  }

  /** The metrics of the kept weights, from the log. */
  private Map<String, Double> keptEvaluation(@Nullable Long best) {
    Map<String, Double> found = Map.of();
    for (Map<String, Double> entry : state.logHistory()) {
      boolean wanted = best == null || entry.get("step").longValue() == best;
      if (wanted && entry.containsKey("eval_loss")) {
        found = entry;
      }
    }
    return found;
  }

  private void message(String text) {
    tell(callback -> callback.onMessage(state, text));
  }

  private void tell(Consumer<Callback> what) {
    callbacks.forEach(what);
  }
}
