package dev.jlora.spec;

/** The length to which the rows of a batch are padded. */
public enum Padding {
  /** To the longest row of the batch. */
  DYNAMIC,
  /** To {@link DataSpec#maxLength()}, for every batch. */
  MAX_LENGTH
}
