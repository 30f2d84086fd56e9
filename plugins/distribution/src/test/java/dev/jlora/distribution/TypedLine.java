package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.cli.Main;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/** What came of a command line, run in this process. */
record TypedLine(int code, String out, String err) {
  static TypedLine jlora(String... arguments) {
    return piped("", arguments);
  }

  /** With this as standard input. */
  static TypedLine piped(String input, String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    InputStream before = System.in;
    try {
      System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
      CommandLine line = Main.commandLine().setOut(new PrintWriter(out));
      line.setErr(new PrintWriter(err));
      int code = line.execute(arguments);
      return new TypedLine(code, out.toString(), err.toString());
    } finally {
      System.setIn(before);
    }
  }

  /** What it wrote; fails unless it went well. */
  String said() {
    assertThat(code).as(err).isZero();
    return out;
  }

  /** Why it failed; fails if it did not. */
  String complaint() {
    assertThat(code).as(out).isNotZero();
    return err;
  }
}
