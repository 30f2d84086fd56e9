package dev.jlora.data;

/** How long rows are, in tokens; known once they are encoded. */
public interface Lengths {
  /** Makes the lengths of {@code rows} known, all at once. */
  void prepare(int[] rows);

  int length(int row);
}
