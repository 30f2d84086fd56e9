package dev.jlora.spec;

import java.util.LinkedHashSet;
import java.util.List;

/** A selection of modules, in PEFT's three notations. */
public sealed interface Targets extends SpecValue {

  /** PEFT's notation: a list of names, a regular expression, or {@code "all-linear"}. */
  @Override
  Object json();

  /**
   * Complete module names, or dotted suffixes of them: {@code query} selects every {@code
   * ....query}.
   */
  record Names(List<String> names) implements Targets {
    public Names {
      names = List.copyOf(new LinkedHashSet<>(names));
      Problems.in("targets")
          .unless(names.stream().noneMatch(String::isBlank), "names: got a blank one in %s", names)
          .throwIfAny();
    }

    @Override
    public Object json() {
      return names;
    }
  }

  /** A regular expression in Python's syntax that matches the complete module name. */
  record Regex(String pattern) implements Targets {
    public Regex {
      String wrong = PythonRegex.problem(pattern);
      Problems.in("targets")
          .unless(
              wrong.isEmpty(),
              "regex: got '%s', which is no regular expression: %s",
              pattern,
              wrong)
          .throwIfAny();
    }

    @Override
    public Object json() {
      return pattern;
    }
  }

  /** Every linear module except the output layer. */
  record AllLinear() implements Targets {
    public static final String WORD = "all-linear";

    @Override
    public Object json() {
      return WORD;
    }
  }

  static Targets names(String... names) {
    return new Names(List.of(names));
  }

  static Targets regex(String pattern) {
    return new Regex(pattern);
  }

  static Targets allLinear() {
    return new AllLinear();
  }

  /** Parses the result of {@link #json}. */
  static Targets of(Object json) {
    return switch (json) {
      case String word when word.equals(AllLinear.WORD) -> new AllLinear();
      case String pattern -> new Regex(pattern);
      case List<?> list when list.stream().allMatch(String.class::isInstance) ->
          new Names(list.stream().map(String.class::cast).toList());
      default ->
          throw new IllegalArgumentException(
              "got %s, expected a list of names, a regular expression, or \"%s\""
                  .formatted(json, AllLinear.WORD));
    };
  }
}
