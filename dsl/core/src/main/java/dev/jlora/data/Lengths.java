package dev.jlora.data;

/** Lengths of rows in tokens, available once they are encoded. */
public interface Lengths {
  /** Computes the lengths of {@code rows} at once. */
  void prepare(int[] rows);

  int length(int row);
}
