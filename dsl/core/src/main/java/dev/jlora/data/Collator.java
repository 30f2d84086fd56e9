package dev.jlora.data;

import dev.jlora.autograd.Functions;
import java.util.List;

/** Combines examples into a batch: padded to one length, or images of one size. */
@FunctionalInterface
public interface Collator {
  /** The label that losses ignore, as in transformers and PyTorch: -100. */
  int IGNORED = Functions.IGNORE_INDEX;

  /** A batch of {@code examples}, the examples of {@code rows}; owned by the caller. */
  HostBatch collate(List<Example> examples, BatchRows rows);
}
