package dev.jlora.peft;

import dev.jlora.model.ModelException;
import dev.jlora.spec.Nearest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The modules that PEFT adds to {@code modules_to_save} for a task type: the task's head is trained
 * in full and saved with the adapter. A name selects every path that ends with it, not only at a
 * dot: {@code classifier} includes DistilBERT's {@code pre_classifier}, which is new for a new
 * task.
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
          "task_type: got '%s', expected one of %s or none"
              .formatted(taskType, Nearest.list(taskType, TASK_TYPES)));
    }
  }

  /** The names that PEFT adds. */
  public List<String> heads() {
    return switch (taskType) {
      case "SEQ_CLS", "TOKEN_CLS" -> List.of("classifier", "score");
      case "QUESTION_ANS" -> List.of("qa_outputs");
      default -> List.of();
    };
  }

  /** The spec's modules to save and the task's, without duplicates. */
  public List<String> namesToSave(List<String> asked) {
    Set<String> names = new LinkedHashSet<>(asked);
    names.addAll(heads());
    return List.copyOf(names);
  }
}
