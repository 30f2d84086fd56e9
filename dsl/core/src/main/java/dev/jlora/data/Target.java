package dev.jlora.data;

/** The expected output for an example; the collator converts it to {@code labels}. */
public sealed interface Target {
  /** Unknown, as in prediction. */
  record None() implements Target {}

  /** One class. */
  record ClassId(int id) implements Target {}

  /** One number. */
  record Score(float value) implements Target {}

  /** One number per class, 1 for each class that applies. Not copied. */
  record MultiHot(float[] values) implements Target {}

  /** One class per token, {@link Collator#IGNORED} for none. Not copied. */
  record TokenIds(int[] ids) implements Target {}

  /** An answer from one token to another, inclusive. */
  record Span(int start, int end) implements Target {}

  Target NONE = new None();
}
