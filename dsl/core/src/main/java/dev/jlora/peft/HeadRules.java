package dev.jlora.peft;

import dev.jlora.model.ModelException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The modules that PEFT adds to {@code modules_to_save} for a task type: its head is trained in
 * full and saved with the adapter. A name means every path that ends in it, at a dot or not: {@code
 * classifier} means DistilBERT's {@code pre_classifier} too, which is fresh for a new task.
 *
 * @param taskType PEFT's name, or empty
 */
public record HeadRules(String taskType) {
  public static final List<String> TASK_TYPES =
      List.of(
          "SEQ_CLS",
          "TOKEN_CLS",
          "QUESTION_ANS",
          "CAUSAL_LM",
          "SEQ_2_SEQ_LM",
          "FEATURE_EXTRACTION");

  public HeadRules {
    if (!taskType.isEmpty() && !TASK_TYPES.contains(taskType)) {
      throw new ModelException(
          "task_type: got '%s', expected one of %s or none".formatted(taskType, TASK_TYPES));
    }
  }

  /** The names PEFT adds by itself. */
  public List<String> heads() {
    return switch (taskType) {
      case "SEQ_CLS", "TOKEN_CLS" -> List.of("classifier", "score");
      case "QUESTION_ANS" -> List.of("qa_outputs");
      default -> List.of();
    };
  }

  /** The spec's modules to save and the task's, each once. */
  public List<String> namesToSave(List<String> asked) {
    Set<String> names = new LinkedHashSet<>(asked);
    names.addAll(heads());
    return List.copyOf(names);
  }
}
