package dev.jlora.data;

import java.util.List;

/** Makes examples of rows; a task says how. */
@FunctionalInterface
public interface ExampleEncoder {
  /**
   * One example per row, in order. Called for many rows at once, so that the tokenizer can work on
   * them in parallel; from one thread at a time, not always the same.
   */
  List<Example> encode(List<Row> rows);
}
