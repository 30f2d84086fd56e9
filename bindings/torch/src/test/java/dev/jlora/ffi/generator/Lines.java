package dev.jlora.ffi.generator;

import java.util.List;
import java.util.stream.Collectors;

/** Lines of Java, broken at 100 columns as google-java-format breaks them. */
final class Lines {
  private static final int WIDTH = 100;
  private static final int SHORT = 10; // arguments that are all shorter fill lines

  private final StringBuilder out = new StringBuilder();

  /** One line, or none of anything. */
  Lines add(String line) {
    out.append(line).append('\n');
    return this;
  }

  /**
   * {@code BEGIN CALL(ARGUMENTS);}, such as an assignment or a return.
   *
   * @param begin with its indentation; empty but for that if the call is the whole statement
   */
  Lines call(String begin, String call, List<String> arguments) {
    String flat = call + "(" + String.join(", ", arguments) + ");";
    String indent = begin.substring(0, begin.length() - begin.stripLeading().length());
    String first = begin.isBlank() ? begin : begin + " ";
    if ((first + flat).length() <= WIDTH) {
      return add(first + flat);
    }
    if (!begin.isBlank()) {
      add(begin);
      indent += "    ";
      if ((indent + flat).length() <= WIDTH) {
        return add(indent + flat);
      }
    }
    add(indent + call + "(");
    indent += "    ";
    if (arguments.stream().allMatch(argument -> argument.length() < SHORT)) {
      return wrap(indent, String.join(", ", arguments) + ");");
    }
    return arguments(indent, arguments, ");");
  }

  /** The head of a method, with its opening brace. */
  Lines head(String begin, List<String> parameters) {
    String flat = begin + "(" + String.join(", ", parameters) + ") {";
    if (flat.length() <= WIDTH) {
      return add(flat);
    }
    String indent = begin.substring(0, begin.length() - begin.stripLeading().length());
    return add(begin + "(").arguments(indent + "    ", parameters, ") {");
  }

  private Lines arguments(String indent, List<String> arguments, String end) {
    String flat = indent + String.join(", ", arguments) + end;
    return add(
        flat.length() <= WIDTH ? flat : indent + String.join(",\n" + indent, arguments) + end);
  }

  /**
   * Javadoc.
   *
   * @param text paragraphs, each on one line
   * @param source of C to show below them, or empty
   */
  Lines javadoc(String indent, String text, String source) {
    String oneLine = indent + "/** " + escaped(text) + " */";
    if (source.isEmpty() && !text.contains("\n") && oneLine.length() <= WIDTH) {
      return add(oneLine);
    }
    add(indent + "/**");
    String between = "";
    for (String paragraph : text.split("\n")) {
      wrap(indent + " * ", between + escaped(paragraph));
      add(indent + " *");
      between = "<p>";
    }
    if (source.isEmpty()) {
      out.setLength(out.length() - indent.length() - " *\n".length());
    } else {
      add(indent + " * <pre>{@code");
      source.lines().forEach(line -> add(indent + " * " + line));
      add(indent + " * }</pre>");
    }
    return add(indent + " */");
  }

  private Lines wrap(String indent, String text) {
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      if (!line.isEmpty() && indent.length() + line.length() + 1 + word.length() > WIDTH) {
        add(indent + line);
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    return add(indent + line);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** Lines of text that stand as they are. */
  Lines block(String text) {
    out.append(text.lines().map(line -> line + "\n").collect(Collectors.joining()));
    return this;
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
