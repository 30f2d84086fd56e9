package dev.jlora.data;

import java.util.List;

/** Combines examples into a batch: padded to one length, or images of one size. */
@FunctionalInterface
public interface Collator {
  /** The label that losses ignore. */
  int IGNORED = -100;

  /** A batch of {@code examples}, the examples of {@code rows}; owned by the caller. */
  HostBatch collate(List<Example> examples, BatchRows rows);
}
