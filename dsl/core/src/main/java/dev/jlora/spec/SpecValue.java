package dev.jlora.spec;

/**
 * A value in a spec with more than one notation, such as a list or a word. Its type has a static
 * {@code of(Object)} that parses the result of {@link #json}, and throws an {@link
 * IllegalArgumentException} that says what was found and what was expected.
 */
public interface SpecValue {

  /** A string, a number, a boolean, or a list or map of these. */
  Object json();
}
