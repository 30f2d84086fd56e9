package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.engine.benchmarks.BenchmarkSettings;
import dev.jlora.engine.benchmarks.StepBenchmark;
import dev.jlora.host.Plugins;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Flight Recorder keeps of training steps, read back from its file. */
class FlightRecorderTest {
  private static final int BATCH = 2;
  private static final int LENGTH = 16;
  private static final int STEPS = 3;

  @TempDir Path folder;

  private List<RecordedEvent> record() throws IOException {
    Path file = folder.resolve("steps.jfr");
    var settings =
        new BenchmarkSettings(
            "bert-tiny",
            "sequence-classification",
            BATCH,
            LENGTH,
            Precision.FP32,
            LoraSpec.builder().dropout(0.1).targets("query", "value").build(),
            STEPS,
            7);
    try (Recording recording = new Recording()) {
      recording.start();
      new StepBenchmark(Plugins.load()).run(settings);
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file);
  }

  private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream()
        .filter(event -> event.getEventType().getName().equals(name))
        .sorted(Comparator.comparing(RecordedEvent::getStartTime)) // a file is not in order
        .toList();
  }

  @Test
  void steps_and_phases_can_be_read_back() throws IOException {
    List<RecordedEvent> events = record();

    List<RecordedEvent> steps = named(events, "dev.jlora.Step");
    assertThat(steps).hasSizeGreaterThan(STEPS); // some to warm up, too
    for (int i = 0; i < steps.size(); i++) {
      RecordedEvent step = steps.get(i);
      assertThat(step.getLong("step")).isEqualTo(i + 1);
      assertThat(step.getDouble("loss")).isPositive().isFinite();
      assertThat(step.getDouble("gradientNorm")).isPositive().isFinite();
      assertThat(step.getDouble("learningRate")).isEqualTo(1e-4);
      assertThat(step.getLong("tokens")).isEqualTo(BATCH * LENGTH);
      assertThat(step.getDuration("allocationTime")).isPositive().isLessThan(step.getDuration());
    }

    RecordedEvent last = steps.getLast();
    List<RecordedEvent> phases =
        named(events, "dev.jlora.Phase").stream()
            .filter(phase -> phase.getLong("step") == last.getLong("step"))
            .toList();
    assertThat(phases)
        .extracting(phase -> phase.getString("phase"))
        .contains(
            "gemm",
            "attention",
            "dropout",
            "norm",
            "activation",
            "adapter",
            "clipping",
            "optimizer",
            "loss",
            "data")
        .doesNotContain("allocation");
    assertThat(phases)
        .extracting(phase -> phase.getString("part"))
        .contains("forward", "backward", "update");
    assertThat(phases)
        .anySatisfy(
            phase -> {
              assertThat(phase.getString("phase")).isEqualTo("gemm");
              assertThat(phase.getString("function")).isEqualTo("loraLinear");
              assertThat(phase.getString("part")).isEqualTo("backward");
            });
    Duration own =
        phases.stream()
            .map(phase -> phase.getDuration("ownTime"))
            .reduce(Duration.ZERO, Duration::plus);
    assertThat(own).isPositive().isLessThan(last.getDuration());
  }
}
