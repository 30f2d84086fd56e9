package dev.jlora.spec;

/**
 * A value in a spec that is written in more than one way, such as a list or a word. Its type has a
 * static {@code of(Object)} that reads what {@link #json} gives, and throws an {@link
 * IllegalArgumentException} that says what was got and what was expected.
 */
public interface SpecValue {

  /** A text, a number, a boolean, or a list of such. */
  Object json();
}
