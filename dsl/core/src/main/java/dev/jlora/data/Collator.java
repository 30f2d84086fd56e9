package dev.jlora.data;

import java.util.List;

/** Makes a batch of examples: padded to one length, or of images of one size. */
@FunctionalInterface
public interface Collator {
  /** The label that no loss counts. */
  int IGNORED = -100;

  /** A batch of {@code examples}, which are those of {@code rows}; the caller owns it. */
  HostBatch collate(List<Example> examples, BatchRows rows);
}
