package dev.jlora.data;

/** What an example should be predicted as; the collator makes {@code labels} of it. */
public sealed interface Target {
  /** Nothing is known, as when predicting. */
  record None() implements Target {}

  /** One class. */
  record ClassId(int id) implements Target {}

  /** One number. */
  record Score(float value) implements Target {}

  /** One number per class, 1 where the class applies. Not copied. */
  record MultiHot(float[] values) implements Target {}

  /** One class per token, {@link Collator#IGNORED} where there is none. Not copied. */
  record TokenIds(int[] ids) implements Target {}

  /** An answer from one token to another, both included. */
  record Span(int start, int end) implements Target {}

  Target NONE = new None();
}
