package dev.jlora.spec;

/** How far the rows of a batch are padded. */
public enum Padding {
  /** To the longest row of the batch. */
  DYNAMIC,
  /** To {@link DataSpec#maxLength()}, every batch. */
  MAX_LENGTH
}
