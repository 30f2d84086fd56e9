package dev.jlora.cli;

import java.io.PrintWriter;

/** Values as JSON, each on a line of its own as they come: alone, or as the items of an array. */
final class JsonLines {
  private final PrintWriter out;
  private final boolean array;
  private boolean any;

  JsonLines(PrintWriter out, boolean array) {
    this.out = out;
    this.array = array;
  }

  /** Writes the next value; in an array the line ends when it is known what follows. */
  void add(String json) {
    if (array) {
      out.print((any ? "," : "[") + System.lineSeparator() + json);
      any = true;
    } else {
      out.println(json);
    }
  }

  /** Ends the array. After an exception it stays open, so that a part is not taken for all. */
  void end() {
    if (array) {
      out.println(any ? System.lineSeparator() + "]" : "[]");
    }
  }
}
