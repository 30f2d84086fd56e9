package dev.jlora.profile;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way into the profile. A step is recorded while its thread has a {@link #listen listener} or
 * Flight Recorder records {@code dev.jlora.Step} or {@code dev.jlora.Phase}; otherwise {@link
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

  /** What ends a {@link #listen}. */
  public interface Listening extends AutoCloseable {
    @Override
    void close();
  }

  /** Gives every step of this thread to a listener, until the result is closed. */
  public static Listening listen(Consumer<StepProfile> listener) {
    Consumer<StepProfile> before = LISTENER.get();
    LISTENER.set(listener);
    return () -> LISTENER.set(before);
  }

  /**
   * Begins a step of this thread.
   *
   * @param number which step it is, from 1
   * @param usage reads the process's counters
   * @return what ends it; null if nobody listens, or a step is being recorded already
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

  /** Enters a phase, if this thread is in a recorded step; null otherwise. */
  public static @Nullable Span enter(Phase phase) {
    StepRecorder recorder = current();
    return recorder == null ? null : recorder.enter(phase, null);
  }

  /** Enters the phase of a function of the tape, if this thread is in a recorded step. */
  public static @Nullable Span enter(Phase phase, String function) {
    StepRecorder recorder = current();
    return recorder == null ? null : recorder.enter(phase, function);
  }

  /** Says which part of the step comes now. */
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
