package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.cli.Main;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How jshell displays values: labels and paths may contain control characters. */
@Timeout(180)
class ShellEchoTest {
  @Test
  void control_characters_of_values_are_escaped() throws Exception {
    Process shell = ChildJvm.start(Main.class, "shell");
    try (var input = shell.outputWriter()) {
      input.write("sequenceClassification(\"bad\", \"\\u001b[31mgood\\u009b\");\n");
      input.write("new StringBuilder(\"\\u001b[32mpath\");\n");
      input.write("System.out.println(\"colour \\u001b[31m\");\n/exit\n");
    }
    String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).as(said).isZero();
    assertThat(said)
        .contains("\\u001B[31mgood\\u009b") // by JSON, and by the stream
        .contains("\\u001b[32mpath")
        .doesNotContain("\u001b[31mgood", "\u009b", "\u001b[32m")
        .contains("colour \u001b[31m");
  }
}
