package dev.jlora.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Control characters of files are shown on a terminal, not obeyed. */
class PrintableTest {
  @Test
  void a_line_has_no_control_characters() {
    assertThat(Printable.line("plain, ä, \uD83D\uDE00")).isEqualTo("plain, ä, \uD83D\uDE00");
    assertThat(Printable.line("\u001b]0;title\u0007\r\n\t\u009b2J\u007f"))
        .isEqualTo("\\u001b]0;title\\u0007\\r\\n\\t\\u009b2J\\u007f");
  }

  @Test
  void a_terminal_keeps_lines_and_tabs_and_every_letter() throws IOException {
    assertThat(written("a\tb\nä ¢ \u00a0 \u00c2 \uD83D\uDE00"))
        .isEqualTo("a\tb\nä ¢ \u00a0 \u00c2 \uD83D\uDE00");
    assertThat(written("\u001b[31mred\u0085\r\u0000"))
        .isEqualTo("\\u001b[31mred\\u0085\\u000d\\u0000");
  }

  private static String written(String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var stream = new TerminalStream(bytes)) {
      for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
        stream.write(new byte[] {b}); // a character may come in pieces
        stream.flush();
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
