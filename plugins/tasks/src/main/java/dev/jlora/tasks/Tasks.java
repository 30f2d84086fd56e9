package dev.jlora.tasks;

import dev.jlora.spi.Task;
import java.util.List;

/** The tasks of this plugin. */
public final class Tasks {
  private Tasks() {}

  public static List<Task> all() {
    return List.of(
        new SequenceClassification(),
        new TokenClassification(),
        new MaskedLanguage(),
        new CausalLanguage(),
        new QuestionAnswering(),
        FeatureExtraction.mean(),
        FeatureExtraction.firstToken(),
        FeatureExtraction.lastToken(),
        ImageFeatures.mean(),
        ImageFeatures.firstToken(),
        new ImageClassification());
  }
}
