package dev.jlora.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.profile.StepProfile.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The arithmetic of phases: who gets which time, and who gets none. */
class ProfilerTest {
  private static StepProfile profile(Runnable work) {
    List<StepProfile> profiles = new ArrayList<>();
    try (var _ = Profiler.listen(profiles::add);
        var recorder = Profiler.step(1, () -> ProcessUsage.NONE)) {
      work.run();
      recorder.finished(0, 0, 0, 0);
    }
    assertThat(profiles).hasSize(1);
    return profiles.getFirst();
  }

  private static void spin(long millis) {
    long end = System.nanoTime() + millis * 1_000_000;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  private static Cell cell(StepProfile profile, Phase phase, Phase within) {
    return profile.cells().stream()
        .filter(cell -> cell.phase() == phase && cell.within() == within)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void time_goes_to_the_innermost_phase_and_all_of_it_adds_up() {
    StepProfile profile =
        profile(
            () -> {
              spin(2);
              try (var _ = Profiler.enter(Phase.ADAPTER, "loraLinear")) {
                spin(3);
                try (var _ = Profiler.enter(Phase.GEMM)) {
                  spin(5);
                }
              }
            });

    assertThat(cell(profile, Phase.GEMM, Phase.ADAPTER).nanos()).isBetween(5_000_000L, 50_000_000L);
    assertThat(cell(profile, Phase.ADAPTER, Phase.ADAPTER).nanos())
        .isBetween(3_000_000L, profile.nanos() - 7_000_000L);
    assertThat(cell(profile, Phase.JAVA, Phase.JAVA).nanos())
        .isBetween(2_000_000L, profile.nanos() - 8_000_000L);
    assertThat(profile.cells().stream().mapToLong(Cell::nanos).sum()).isEqualTo(profile.nanos());
  }

  @Test
  void a_function_counts_with_all_phases_inside_it() {
    StepProfile profile =
        profile(
            () -> {
              for (int i = 0; i < 2; i++) {
                try (var _ = Profiler.enter(Phase.ADAPTER, "loraLinear");
                    var _ = Profiler.enter(Phase.GEMM)) {
                  spin(2);
                }
              }
            });

    assertThat(profile.functions()).hasSize(1);
    assertThat(profile.functions().getFirst().name()).isEqualTo("loraLinear");
    assertThat(profile.functions().getFirst().calls()).isEqualTo(2);
    assertThat(profile.functions().getFirst().nanos()).isGreaterThanOrEqualTo(4_000_000);
  }

  @Test
  void a_phase_inside_the_same_phase_is_one_call() {
    StepProfile profile =
        profile(
            () -> {
              try (var _ = Profiler.enter(Phase.GEMM, "linear");
                  var _ = Profiler.enter(Phase.GEMM)) {
                spin(1);
              }
            });

    assertThat(cell(profile, Phase.GEMM, Phase.GEMM).calls()).isEqualTo(1);
  }

  @Test
  void the_part_is_the_one_that_was_set_last() {
    StepProfile profile =
        profile(
            () -> {
              try (var _ = Profiler.enter(Phase.NORM)) {
                spin(1);
              }
              Profiler.part(Part.BACKWARD);
              try (var _ = Profiler.enter(Phase.NORM)) {
                spin(1);
              }
              Profiler.part(Part.UPDATE);
            });

    assertThat(profile.cells())
        .filteredOn(cell -> cell.phase() == Phase.NORM)
        .extracting(Cell::part)
        .containsExactly(Part.FORWARD, Part.BACKWARD);
  }

  @Test
  void phases_may_nest_deeply() {
    StepProfile profile = profile(() -> nest(100));

    assertThat(profile.cells().stream().mapToLong(Cell::nanos).sum()).isEqualTo(profile.nanos());
  }

  private static void nest(int depth) {
    if (depth > 0) {
      try (var _ = Profiler.enter(depth % 2 == 0 ? Phase.NORM : Phase.GEMM)) {
        nest(depth - 1);
      }
    }
  }

  @Test
  void nothing_is_recorded_without_a_listener() {
    assertThat(Profiler.step(1, () -> ProcessUsage.NONE)).isNull();
    assertThat(Profiler.enter(Phase.GEMM)).isNull();
  }

  @Test
  void other_threads_are_not_part_of_the_step() throws InterruptedException {
    AtomicReference<Span> seen = new AtomicReference<>();
    List<StepProfile> profiles = new ArrayList<>();
    try (var _ = Profiler.listen(profiles::add);
        var recorder = Profiler.step(1, () -> ProcessUsage.NONE)) {
      Thread other = new Thread(() -> seen.set(Profiler.enter(Phase.GEMM)));
      other.start();
      other.join();
      recorder.finished(0, 0, 0, 0);
    }

    assertThat(seen).hasNullValue();
    assertThat(profiles.getFirst().cells()).extracting(Cell::phase).containsOnly(Phase.JAVA);
  }

  @Test
  void a_step_that_breaks_off_is_told_to_nobody() {
    List<StepProfile> profiles = new ArrayList<>();
    try (var _ = Profiler.listen(profiles::add);
        var _ = Profiler.step(1, () -> ProcessUsage.NONE)) {
      spin(1);
    }

    assertThat(profiles).isEmpty();
    assertThat(Profiler.enter(Phase.GEMM)).isNull();
  }
}
