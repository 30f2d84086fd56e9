package dev.jlora.spec;

import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression in Python's syntax, as in PEFT's configurations, matched in a limited number
 * of steps: catastrophic backtracking is an error instead of a hang. Not thread-safe.
 */
public final class PythonRegex {
  /** Maximum number of steps for one text; the name of a module takes a few hundred. */
  private static final long STEPS = 1_000_000;

  private final String source;
  private final Pattern pattern;
  private final Budget budget;

  private PythonRegex(String source, Pattern pattern, Budget budget) {
    this.source = source;
    this.pattern = pattern;
    this.budget = budget;
  }

  /** Number of steps that several expressions may take together on all texts: about a second. */
  public static final class Budget {
    private long left = 200 * STEPS;
  }

  /**
   * Compiles an expression.
   *
   * @throws IllegalArgumentException with the problem of the expression
   */
  public static PythonRegex compile(String source) {
    return compile(source, new Budget());
  }

  /** Compiles one of several expressions that share a budget. */
  public static PythonRegex compile(String source, Budget budget) {
    String java = new PythonSyntax(source).java();
    try {
      // Python ends lines at \n alone, and ignores case beyond ASCII
      int flags = Pattern.UNIX_LINES | Pattern.UNICODE_CASE;
      return new PythonRegex(source, Pattern.compile(java, flags), budget);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          e.getCause() instanceof StackOverflowError || e.getDescription().contains("overflow")
              ? "it is nested too deeply"
              : e.getDescription(),
          e);
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException("it is nested too deeply", e);
    }
  }

  /** The problem of an expression, or an empty text. */
  public static String problem(String source) {
    try {
      compile(source);
      return "";
    } catch (IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Whether the whole text matches, as with {@code re.fullmatch}. */
  public boolean matches(String text) {
    return guarded(text, Matcher::matches) != null;
  }

  /** Whether the text begins with a match, as with {@code re.match}. */
  public boolean matchesStart(String text) {
    return guarded(text, Matcher::lookingAt) != null;
  }

  /** The last group of a match at the start of the text as a number; empty without a match. */
  public OptionalInt numberAtStart(String text) {
    Matcher matcher = guarded(text, Matcher::lookingAt);
    String digits = matcher == null ? null : matcher.group(matcher.groupCount());
    return digits == null || !digits.matches("\\d{1,9}")
        ? OptionalInt.empty()
        : OptionalInt.of(Integer.parseInt(digits));
  }

  private @Nullable Matcher guarded(String text, Predicate<Matcher> match) {
    CountingText counted = new CountingText(text, Math.min(STEPS, budget.left));
    Matcher matcher = pattern.matcher(counted);
    try {
      boolean matched = match.test(matcher);
      budget.left -= counted.taken;
      return matched ? matcher : null;
    } catch (StepsExceeded | StackOverflowError e) {
      throw new IllegalArgumentException(
          ("the regular expression '%s' takes more than %,d steps on the name '%s';"
                  + " write it without nested repetitions such as (a+)+")
              .formatted(source, STEPS, text));
    }
  }

  @Override
  public String toString() {
    return source;
  }

  /** Aborts a match; has no stack trace, which may be thousands of frames deep. */
  private static final class StepsExceeded extends RuntimeException {
    StepsExceeded() {
      super(null, null, false, false);
    }
  }

  /** A text that counts its accesses. */
  private static final class CountingText implements CharSequence {
    private final String text;
    private final long limit;
    private long taken;

    CountingText(String text, long limit) {
      this.text = text;
      this.limit = limit;
    }

    @Override
    public char charAt(int index) {
      if (++taken > limit) {
        throw new StepsExceeded();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
