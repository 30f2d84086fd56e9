package dev.jlora.engine.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.spi.Step;
import dev.jlora.spi.TrainerState;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
  private static final int COLUMNS = 80;

  @Test
  void without_a_terminal_every_event_is_a_plain_line() {
    var text = new StringWriter();
    train(new ConsoleProgress(new PrintWriter(text), false));
    assertThat(text.toString().lines())
        .containsExactly("step 5 of 10, epoch 0.50: loss 0.2500", "step 5: saved out/checkpoint-5");
  }

  /** The raw stream, run through a terminal of one's own: lines stay, and the bar is below them. */
  @Test
  void a_bar_leaves_the_lines_above_it_as_they_are() {
    var both = new StringWriter();
    var terminal = new PrintWriter(both);
    var progress = new ConsoleProgress(terminal, terminal);
    TrainerState state = TrainerState.start(10).at(5, 0.5);
    progress.onTrainBegin(TrainerState.start(10));
    progress.onStep(state, Step.of(1, 1, 1));
    progress.onLog(state, Map.of("loss", 0.25));
    progress.onSave(state, Path.of("out/checkpoint-5"));
    assertThat(screen(both.toString()))
        .hasSize(3)
        .startsWith("step 5 of 10, epoch 0.50: loss 0.2500", "step 5: saved out/checkpoint-5")
        .last()
        .asString()
        .startsWith("steps  50% [============            ] 5/10 (0:00:00");
    progress.onTrainEnd(state);
    assertThat(screen(both.toString()))
        .containsExactly(
            "step 5 of 10, epoch 0.50: loss 0.2500", "step 5: saved out/checkpoint-5", "");
    assertThat(both.toString()).doesNotContain("\u001b[1A", "\u001b[A");
  }

  /** A line that wraps would leave its first half behind each time it is drawn. */
  @Test
  void a_bar_of_a_long_run_stays_on_one_line_of_a_terminal() {
    for (long steps : new long[] {1000, 1_000_000_000}) {
      var both = new StringWriter();
      var terminal = new PrintWriter(both);
      var bar = new ProgressLine(terminal, 0, steps);
      bar.step(steps / 2, 10.12345);
      bar.draw();
      bar.draw();
      assertThat(screen(both.toString())).as("%d steps", steps).hasSize(1);
      assertThat(screen(both.toString()).getFirst())
          .startsWith("steps  50% [")
          .contains("%d/%d (".formatted(steps / 2, steps));
      bar.erase();
      assertThat(screen(both.toString())).containsExactly("");
    }
  }

  @Test
  void names_from_files_cannot_steer_the_terminal() {
    var text = new StringWriter();
    var progress = new ConsoleProgress(new PrintWriter(text), false);
    progress.onLog(TrainerState.start(10).at(5, 0.5), Map.of("f1_\u001b[2Jred\n", 1.0));
    assertThat(text.toString()).contains("f1_\\u001b[2Jred\\n 1.0000").doesNotContain("\u001b");
  }

  private static void train(ConsoleProgress progress) {
    TrainerState state = TrainerState.start(10).at(5, 0.5);
    progress.onTrainBegin(state);
    progress.onStep(state, Step.of(1, 1, 1));
    progress.onLog(state, Map.of("loss", 0.25));
    progress.onSave(state, Path.of("out/checkpoint-5"));
    progress.onTrainEnd(state);
  }

  /** What a terminal of 80 columns shows of the sequences that the bar uses. */
  private static List<String> screen(String stream) {
    List<StringBuilder> lines = new ArrayList<>(List.of(new StringBuilder()));
    int column = 0;
    boolean wraps = true;
    for (int i = 0; i < stream.length(); i++) {
      StringBuilder line = lines.getLast();
      if (stream.startsWith("\u001b[K", i)) {
        line.setLength(column);
        i += 2;
      } else if (stream.startsWith("\u001b[?7", i)) {
        wraps = stream.charAt(i + 4) == 'h';
        i += 4;
      } else if (stream.charAt(i) == '\r') {
        column = 0;
      } else if (stream.charAt(i) == '\n') {
        lines.add(new StringBuilder());
        column = 0;
      } else {
        if (column == COLUMNS) {
          column = wraps ? 0 : COLUMNS - 1;
          line = wraps ? new StringBuilder() : line;
          if (wraps) {
            lines.add(line);
          }
        }
        line.setLength(Math.max(line.length(), column + 1));
        line.setCharAt(column++, stream.charAt(i));
      }
    }
    return lines.stream().map(StringBuilder::toString).toList();
  }
}
