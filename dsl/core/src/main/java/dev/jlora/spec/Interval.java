package dev.jlora.spec;

/** Frequency of an event during training: {@code "no"}, {@code "epoch"}, or every N steps. */
public sealed interface Interval extends SpecValue {

  /** {@code "no"}, {@code "epoch"}, or the number of steps. */
  @Override
  Object json();

  /** Never. */
  record Never() implements Interval {
    @Override
    public Object json() {
      return "no";
    }
  }

  /** At the end of every epoch. */
  record Epoch() implements Interval {
    @Override
    public Object json() {
      return "epoch";
    }
  }

  /** After every {@code steps} optimizer steps. */
  record Steps(int steps) implements Interval {
    public Steps {
      Problems.in("interval")
          .unless(steps > 0, "steps: got %d, expected 1 or more", steps)
          .throwIfAny();
    }

    @Override
    public Object json() {
      return steps;
    }
  }

  static Interval never() {
    return new Never();
  }

  static Interval epoch() {
    return new Epoch();
  }

  static Interval steps(int steps) {
    return new Steps(steps);
  }

  /** Parses a value of {@link #json}; a number in quotes is accepted. */
  static Interval of(Object json) {
    return switch (json) {
      case String word when word.equals("no") -> new Never();
      case String word when word.equals("epoch") -> new Epoch();
      case String digits when digits.matches("-?\\d{1,9}") -> new Steps(Integer.parseInt(digits));
      case Integer steps -> new Steps(steps);
      default ->
          throw new IllegalArgumentException(
              "got %s, expected \"no\", \"epoch\" or a number of steps".formatted(json));
    };
  }
}
