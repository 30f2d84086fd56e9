package dev.jlora.spi;

import java.util.List;
import java.util.Locale;

/**
 * The target modules and parameter counts of an adapter, known before any weights are read.
 *
 * @param targets the paths of the modules that get an adapter, in the order of the model
 * @param savedModules the paths of the modules that are trained in full
 * @param trainable number of trainable elements
 * @param all number of all elements, including the adapter's, as PEFT counts them
 * @param notes notes for the user, one sentence each
 */
public record AdapterSummary(
    List<String> targets, List<String> savedModules, long trainable, long all, List<String> notes) {
  /** A summary without notes. */
  public AdapterSummary(List<String> targets, List<String> savedModules, long trainable, long all) {
    this(targets, savedModules, trainable, all, List.of());
  }

  public AdapterSummary {
    targets = List.copyOf(targets);
    savedModules = List.copyOf(savedModules);
    notes = List.copyOf(notes);
  }

  /** The counts in PEFT's format: {@code trainable params: 1,024 || all params: 10,240 || ...}. */
  public String counts() {
    return String.format(
        Locale.ROOT,
        "trainable params: %,d || all params: %,d || trainable%%: %.4f",
        trainable,
        all,
        all == 0 ? 0 : 100.0 * trainable / all);
  }
}
