package dev.jlora.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {

  @Test
  void without_a_terminal_every_event_is_a_plain_line() {
    var text = new StringWriter();
    var progress = new ConsoleProgress(new PrintWriter(text), false);
    TrainerState state = TrainerState.start(10).at(5, 0.5);
    progress.onTrainBegin(state);
    progress.onStep(state, Step.of(1, 1, 1));
    progress.onLog(state, Map.of("loss", 0.25));
    progress.onSave(state, Path.of("out/checkpoint-5"));
    progress.onTrainEnd(state);
    assertThat(text.toString().lines())
        .containsExactly("step 5 of 10, epoch 0.50: loss 0.2500", "step 5: saved out/checkpoint-5");
  }
}
