package dev.jlora.benchmarks;

import dev.jlora.profile.Phase;
import dev.jlora.profile.ProcessUsage;
import dev.jlora.profile.Profiler;
import dev.jlora.profile.StepRecorder;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A phase of a step entered and left: without anybody who listens, and with. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(2)
public class ProfilerBenchmark {
  /** Who listens. */
  public enum Audience {
    /** Nobody. */
    NONE,
    /** A listener in this process, as for {@code bench step --profile}. */
    LISTENER,
    /** Flight Recorder. */
    RECORDING
  }

  /** Who listens. */
  @Param public Audience audience;

  private final Recording recording = new Recording();
  private Profiler.@Nullable Listening listening;
  private @Nullable StepRecorder step;

  /** A step that lasts as long as the benchmark. */
  @Setup
  public void open() {
    if (audience == Audience.LISTENER) {
      listening = Profiler.listen(_ -> {});
    }
    if (audience == Audience.RECORDING) {
      recording.setToDisk(false);
      recording.enable("dev.jlora.Step");
      recording.enable("dev.jlora.Phase");
      recording.start();
    }
    step = Profiler.step(1, () -> ProcessUsage.NONE);
  }

  /** Ends it. */
  @TearDown
  public void close() {
    if (step != null) {
      step.close();
    }
    if (listening != null) {
      listening.close();
    }
    recording.close();
  }

  /** One phase around nothing. */
  @Benchmark
  public void phase() {
    try (var _ = Profiler.enter(Phase.GEMM, "linear")) {
      // what takes time here is the way in and out
    }
  }
}
