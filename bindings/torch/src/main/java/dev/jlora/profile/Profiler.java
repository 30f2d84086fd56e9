package dev.jlora.profile;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Entry point of the profiler. A step is recorded if its thread has a {@link #listen listener} or
 * if Flight Recorder records {@code dev.jlora.Step} or {@code dev.jlora.Phase}; otherwise {@link
 * #enter} is one read of a counter.
 *
 * <pre>{@code
 * try (var _ = Profiler.enter(Phase.CLIPPING)) {
 *   clip();
 * }
 * }</pre>
 */
public final class Profiler {
  private static final AtomicInteger RECORDING = new AtomicInteger();
  private static final ThreadLocal<@Nullable StepRecorder> CURRENT = new ThreadLocal<>();
  private static final ThreadLocal<@Nullable Consumer<StepProfile>> LISTENER = new ThreadLocal<>();

  private Profiler() {}

  /** Ends a {@link #listen} when closed. */
  public interface Listening extends AutoCloseable {
    @Override
    void close();
  }

  /** Passes every step of this thread to a listener, until the result is closed. */
  public static Listening listen(Consumer<StepProfile> listener) {
    Consumer<StepProfile> before = LISTENER.get();
    LISTENER.set(listener);
    return () -> LISTENER.set(before);
  }

  /**
   * Begins a step of this thread.
   *
   * @param number of the step, from 1
   * @param usage reads the process's counters
   * @return the recorder, which ends the step when closed; null if there is no listener, or a step
   *     is being recorded already
   */
  public static @Nullable StepRecorder step(long number, Supplier<ProcessUsage> usage) {
    Consumer<StepProfile> listener = LISTENER.get();
    boolean phases = new PhaseEvent().isEnabled();
    boolean listened = listener != null || phases || new StepEvent().isEnabled();
    if (!listened || CURRENT.get() != null) {
      return null;
    }
    StepRecorder recorder = new StepRecorder(number, phases, listener, usage);
    CURRENT.set(recorder);
    RECORDING.incrementAndGet();
    return recorder;
  }

  /** Enters a phase, if this thread is in a recorded step; returns null otherwise. */
  public static @Nullable Span enter(Phase phase) {
    StepRecorder recorder = current();
    return recorder == null ? null : recorder.enter(phase, null);
  }

  /** Enters the phase of a tape function, if this thread is in a recorded step. */
  public static @Nullable Span enter(Phase phase, String function) {
    StepRecorder recorder = current();
    return recorder == null ? null : recorder.enter(phase, function);
  }

  /** Sets the part of the step that begins now. */
  public static void part(Part part) {
    StepRecorder recorder = current();
    if (recorder != null) {
      recorder.part(part);
    }
  }

  private static @Nullable StepRecorder current() {
    return RECORDING.get() == 0 ? null : CURRENT.get();
  }

  static void ended() {
    CURRENT.remove();
    RECORDING.decrementAndGet();
  }
}
