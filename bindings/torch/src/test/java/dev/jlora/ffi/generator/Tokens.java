package dev.jlora.ffi.generator;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tokens of a header, with their lines. */
final class Tokens {
  /** What a token is; the end of the file is one, too. */
  enum Kind {
    COMMENT,
    WORD,
    NUMBER,
    MARK,
    END
  }

  /**
   * One token.
   *
   * @param text for a comment what is between its delimiters
   * @param begin offset of its first character in the file, {@code end} that after its last
   */
  record Token(Kind kind, String text, int line, int begin, int end) {
    boolean is(String expected) {
      return kind != Kind.COMMENT && text.equals(expected);
    }
  }

  private static final Pattern TOKEN =
      Pattern.compile(
          "/\\*(?<comment>.*?)\\*/|(?<directive>^#[^\\n]*)|(?<word>[A-Za-z_]\\w*)"
              + "|(?<number>-?\\d+)|(?<mark>[*(){}\\[\\];,=]|\"C\")|(?<space>\\s+)",
          Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern DIRECTIVE =
      Pattern.compile("#(ifndef \\w+|ifdef \\w+|define \\w+|endif|include <\\w+\\.h>)");
  private static final Set<String> GROUPS = Set.of("comment", "word", "number", "mark");

  private final String file;
  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int next;

  Tokens(String file, String text) {
    this.file = file;
    this.text = text;
    Matcher matcher = TOKEN.matcher(text);
    int at = 0;
    int line = 1;
    while (at < text.length()) {
      if (!matcher.find(at) || matcher.start() != at) {
        throw new HeaderException(file, line, "cannot read '" + rest(at) + "'");
      }
      String directive = matcher.group("directive");
      if (directive != null && !DIRECTIVE.matcher(directive).matches()) {
        throw new HeaderException(
            file,
            line,
            "got '%s', expected an include guard or #include <...>".formatted(directive));
      }
      for (String group : GROUPS) {
        if (matcher.group(group) != null) {
          Kind kind = Kind.valueOf(group.toUpperCase());
          tokens.add(new Token(kind, matcher.group(group), line, at, matcher.end()));
        }
      }
      line += (int) matcher.group().chars().filter(c -> c == '\n').count();
      at = matcher.end();
    }
    tokens.add(new Token(Kind.END, "the end of the file", line, at, at));
  }

  private String rest(int at) {
    return text.substring(at).lines().findFirst().orElse("");
  }

  Token peek() {
    return tokens.get(next);
  }

  Token take() {
    return tokens.get(next++);
  }

  /** Takes the next token if it is this one. */
  boolean accept(String expected) {
    boolean there = peek().is(expected);
    if (there) {
      next++;
    }
    return there;
  }

  Token expect(String expected) {
    if (!peek().is(expected)) {
      throw problem(peek(), "expected '" + expected + "'");
    }
    return take();
  }

  Token expect(Kind kind, String what) {
    if (peek().kind() != kind) {
      throw problem(peek(), "expected " + what);
    }
    return take();
  }

  /** The file's own text from one token to another. */
  String source(Token first, Token last) {
    return text.substring(first.begin(), last.end());
  }

  HeaderException problem(Token at, String expected) {
    String got = at.kind() == Kind.COMMENT ? "a comment" : "'" + at.text() + "'";
    return new HeaderException(file, at.line(), "got " + got + ", " + expected);
  }

  HeaderException at(Token token, String message) {
    return new HeaderException(file, token.line(), message);
  }
}
