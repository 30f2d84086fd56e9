package dev.jlora.adapters;

import dev.jlora.io.Names;
import dev.jlora.model.ModelException;
import dev.jlora.model.ModelPlan;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a task type means for the head, as in PEFT: it is trained in full and saved with the
 * adapter.
 *
 * @param taskType PEFT's name, or empty
 */
record HeadRules(String taskType) {
  static final List<String> TASK_TYPES =
      List.of(
          "SEQ_CLS",
          "TOKEN_CLS",
          "QUESTION_ANS",
          "CAUSAL_LM",
          "SEQ_2_SEQ_LM",
          "FEATURE_EXTRACTION");

  HeadRules {
    if (!taskType.isEmpty() && !TASK_TYPES.contains(taskType)) {
      throw new ModelException(
          "task_type: got '%s', expected one of %s or none".formatted(taskType, TASK_TYPES));
    }
  }

  /** The names PEFT adds to {@code modules_to_save} by itself. */
  List<String> heads() {
    return switch (taskType) {
      case "SEQ_CLS", "TOKEN_CLS" -> List.of("classifier", "score");
      case "QUESTION_ANS" -> List.of("qa_outputs");
      default -> List.of();
    };
  }

  /** The spec's modules to save and the task's, each once. */
  List<String> namesToSave(List<String> asked) {
    Set<String> names = new LinkedHashSet<>(asked);
    names.addAll(heads());
    return List.copyOf(names);
  }

  /**
   * The paths of the modules trained in full; a name that was asked for must exist. As in PEFT a
   * name means every path that ends in it, at a dot or not: {@code classifier} means DistilBERT's
   * {@code pre_classifier} too, which is fresh for a new task and has to learn with it.
   */
  List<String> savedModules(ModelPlan model, List<String> asked) {
    for (String name : asked) {
      if (!heads().contains(name)
          && model.modules().stream().noneMatch(path -> path.endsWith(name))) {
        throw new ModelException(
            "modules_to_save: '%s' names no module of %s; the nearest are %s"
                .formatted(name, model.architecture().name(), Names.some(model.modules(), name)));
      }
    }
    List<String> names = namesToSave(asked);
    List<String> paths = new ArrayList<>();
    for (String path : model.modules()) {
      boolean named = names.stream().anyMatch(path::endsWith);
      if (named && paths.stream().noneMatch(outer -> path.startsWith(outer + "."))) {
        paths.add(path);
      }
    }
    return List.copyOf(paths);
  }
}
