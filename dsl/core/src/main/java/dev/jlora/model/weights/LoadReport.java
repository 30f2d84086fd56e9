package dev.jlora.model.weights;

import dev.jlora.io.Amount;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Result of loading a checkpoint into a model.
 *
 * @param read parameters from the checkpoint
 * @param fresh parameters of the task's head that the checkpoint does not have
 * @param unread tensors of other heads
 */
public record LoadReport(List<String> read, List<String> fresh, List<String> unread) {
  public LoadReport {
    read = List.copyOf(read);
    fresh = List.copyOf(fresh);
    unread = List.copyOf(unread);
  }

  /** One line for the user: the heads that were replaced, or that everything was read. */
  public String line() {
    List<String> said = new ArrayList<>();
    if (!fresh.isEmpty()) {
      said.add("fresh: " + summary(fresh));
    }
    if (!unread.isEmpty()) {
      said.add("not used by this task: " + summary(unread));
    }
    String tensors = Amount.of(read.size(), "tensor") + " read";
    return said.isEmpty() ? tensors : tensors + "; " + String.join("; ", said);
  }

  /** Modules instead of single tensors: {@code classifier, bert.pooler.dense (4 tensors)}. */
  private static String summary(List<String> names) {
    Set<String> modules =
        names.stream()
            .map(name -> name.substring(0, Math.max(name.lastIndexOf('.'), 0)))
            .collect(Collectors.toCollection(LinkedHashSet::new));
    return "%s (%s)".formatted(String.join(", ", modules), Amount.of(names.size(), "tensor"));
  }
}
