package dev.jlora.profile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Attributes the time of one step to the phases that its thread enters, with a stack of phases and
 * a clock that is read at every change. Each reading adds the time since the previous one to the
 * phase on top. Confined to its thread.
 */
public final class StepRecorder implements AutoCloseable {
  private static final int PHASES = Phase.values().length;
  private static final int PARTS = Part.values().length;

  /** A phase on the stack. */
  private static final class Frame {
    Phase phase = Phase.JAVA;
    Phase within = Phase.JAVA;
    @Nullable String function;
    boolean ofFunction;
    long start;
    long own;
    @Nullable PhaseEvent event;
  }

  private static final class Sum {
    long nanos;
    long calls;
  }

  private record FunctionKey(Part part, String name) {}

  private final long number;
  private final boolean phaseEvents;
  private final @Nullable Consumer<StepProfile> listener;
  private final Supplier<ProcessUsage> usage;
  private final ProcessUsage usedBefore;
  private final long[] nanos = new long[PARTS * PHASES * PHASES];
  private final long[] calls = new long[PARTS * PHASES * PHASES];
  private final Map<FunctionKey, Sum> functions = new LinkedHashMap<>();
  private final StepEvent event = new StepEvent();
  private final Span span = this::leave;
  private final long start;
  private Frame[] stack = new Frame[16];
  private int depth;
  private Part part = Part.FORWARD;
  private long last;
  private boolean finished;

  StepRecorder(
      long number,
      boolean phaseEvents,
      @Nullable Consumer<StepProfile> listener,
      Supplier<ProcessUsage> usage) {
    this.number = number;
    this.phaseEvents = phaseEvents;
    this.listener = listener;
    this.usage = usage;
    this.usedBefore = usage.get();
    Arrays.setAll(stack, _ -> new Frame());
    event.begin();
    start = System.nanoTime();
    last = start;
  }

  /**
   * Sets the results of the step. A step that ends without them was aborted and is not reported.
   */
  public void finished(double loss, double gradientNorm, double learningRate, long tokens) {
    event.loss = loss;
    event.gradientNorm = gradientNorm;
    event.learningRate = learningRate;
    event.tokens = tokens;
    finished = true;
  }

  void part(Part next) {
    charge(System.nanoTime());
    part = next;
  }

  Span enter(Phase phase, @Nullable String function) {
    long now = System.nanoTime();
    charge(now);
    Frame outer = stack[depth];
    Frame frame = push();
    frame.phase = phase;
    frame.within = depth == 1 ? phase : outer.within;
    frame.function = function == null ? outer.function : function;
    frame.ofFunction = function != null;
    frame.start = now;
    frame.own = 0;
    if (phase != outer.phase) {
      calls[cell(frame)]++;
    }
    if (phaseEvents && phase != Phase.ALLOCATION) {
      PhaseEvent made = new PhaseEvent();
      made.begin();
      frame.event = made;
    }
    return span;
  }

  private Frame push() {
    depth++;
    if (depth == stack.length) {
      Frame[] longer = Arrays.copyOf(stack, 2 * depth);
      for (int i = depth; i < longer.length; i++) {
        longer[i] = new Frame();
      }
      stack = longer;
    }
    return stack[depth];
  }

  private void leave() {
    long now = System.nanoTime();
    charge(now);
    Frame frame = stack[depth];
    depth--;
    if (frame.ofFunction) {
      Sum sum = functions.computeIfAbsent(new FunctionKey(part, frame.function), _ -> new Sum());
      sum.nanos += now - frame.start;
      sum.calls++;
    }
    PhaseEvent made = frame.event;
    if (made != null) {
      frame.event = null;
      made.end();
      made.phase = frame.phase.label();
      made.function = frame.function == null ? "" : frame.function;
      made.part = part.label();
      made.step = number;
      made.ownTime = frame.own;
      made.commit();
    }
  }

  /** Adds the time since the last reading to the innermost phase. */
  private void charge(long now) {
    Frame frame = stack[depth];
    long passed = now - last;
    nanos[cell(frame)] += passed;
    frame.own += passed;
    last = now;
  }

  private int cell(Frame frame) {
    return (part.ordinal() * PHASES + frame.within.ordinal()) * PHASES + frame.phase.ordinal();
  }

  /** Ends the step and reports it to the listener and Flight Recorder. */
  @Override
  public void close() {
    charge(System.nanoTime());
    Profiler.ended();
    if (!finished) {
      return;
    }
    StepProfile profile = profile();
    event.end();
    event.step = number;
    event.allocationTime = profile.nanos(Phase.ALLOCATION);
    event.minorFaults = profile.usage().minorFaults();
    event.majorFaults = profile.usage().majorFaults();
    event.commit();
    if (listener != null) {
      listener.accept(profile);
    }
  }

  private StepProfile profile() {
    List<StepProfile.Cell> cells = new ArrayList<>();
    for (Part each : Part.values()) {
      for (Phase within : Phase.values()) {
        for (Phase phase : Phase.values()) {
          int cell = (each.ordinal() * PHASES + within.ordinal()) * PHASES + phase.ordinal();
          if (nanos[cell] > 0 || calls[cell] > 0) {
            cells.add(new StepProfile.Cell(each, phase, within, nanos[cell], calls[cell]));
          }
        }
      }
    }
    List<StepProfile.FunctionTime> times = new ArrayList<>();
    functions.forEach(
        (key, sum) ->
            times.add(new StepProfile.FunctionTime(key.part(), key.name(), sum.nanos, sum.calls)));
    return new StepProfile(last - start, cells, times, usage.get().since(usedBefore));
  }
}
