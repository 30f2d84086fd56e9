package dev.jlora.data;

import java.util.List;

/** Encodes rows as examples for a task. */
@FunctionalInterface
public interface ExampleEncoder {
  /**
   * One example per row, in order. Called with many rows at once, so that the tokenizer can process
   * them in parallel; from one thread at a time, but not always the same.
   */
  List<Example> encode(List<Row> rows);
}
