package dev.jlora.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** What came of a command line. */
record Typed(int code, String out, String err) {
  /** Runs it in this process. */
  static Typed jlora(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    CommandLine line = Main.commandLineFor(arguments);
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    int code = line.execute(arguments);
    return new Typed(code, out.toString(), err.toString());
  }
}
