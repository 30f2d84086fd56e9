package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.engine.Engine;
import dev.jlora.engine.benchmarks.ProcessMemory;
import dev.jlora.host.Plugins;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spi.Callback;
import dev.jlora.spi.Step;
import dev.jlora.spi.TrainerState;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training with dropout, accumulation, evaluations and checkpoints frees what it takes. */
class FlatMemoryTest {
  private static final long MIB = 1 << 20;

  /** An epoch ends with one micro-batch instead of two, whose tensors are then looked at. */
  private static final long SOME_TENSORS = 8;

  @TempDir Path folder;

  @Test
  void over_sixty_steps() {
    List<Reading> readings = readings(60, Set.of(20L, 40L, 60L));
    assertThat(readings).hasSize(3);
    assertFlat(readings.get(1), readings.get(2), 32 * MIB);
  }

  @Test
  @Tag("slow")
  void over_two_thousand_steps() {
    List<Reading> readings = readings(2000, Set.of(100L, 500L, 1000L, 1500L, 2000L));
    readings.forEach(System.out::println);
    assertThat(readings).hasSize(5);
    Reading warm = readings.get(1); // compiled code and kept buffers are there by then
    readings.subList(2, 5).forEach(reading -> assertFlat(warm, reading, 48 * MIB));
  }

  private static void assertFlat(Reading before, Reading after, long resident) {
    assertThat(after.tensors()).isLessThanOrEqualTo(before.tensors() + SOME_TENSORS);
    assertThat(after.bytes()).isLessThanOrEqualTo(before.bytes() + MIB);
    assertThat(after.resident()).isLessThanOrEqualTo(before.resident() + resident);
  }

  /** What a process holds after a step. */
  private record Reading(long step, long tensors, long bytes, long resident) {
    static Reading after(long step) {
      System.gc(); // what the Java heap grows by is not asked here
      return new Reading(step, Tensor.live(), Tensor.liveBytes(), ProcessMemory.current());
    }

    @Override
    public String toString() {
      return "step %,5d: %,d live tensors of %,d bytes, %,.1f MiB resident"
          .formatted(step, tensors, bytes, (double) resident / MIB);
    }
  }

  private List<Reading> readings(int steps, Set<Long> at) {
    List<Reading> readings = new ArrayList<>();
    new Engine(Plugins.load())
        .train(
            job(steps),
            new Callback() {
              @Override
              public void onStep(TrainerState state, Step step) {
                if (at.contains(state.globalStep())) {
                  readings.add(Reading.after(state.globalStep()));
                }
              }
            });
    return readings;
  }

  private JobSpec job(int steps) {
    return new TinyJob(folder)
        .job(
            "out",
            t ->
                t.maxSteps(steps)
                    .evaluate(Interval.steps(10))
                    .save(Interval.steps(steps / 4))
                    .saveTotalLimit(2));
  }
}
