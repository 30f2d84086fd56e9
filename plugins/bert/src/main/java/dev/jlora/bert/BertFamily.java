package dev.jlora.bert;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.Architecture;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.ModelFamily;
import java.util.List;
import java.util.Optional;

/** BERT encoders, alone or with a head. */
public final class BertFamily implements ModelFamily {
  @Override
  public String modelType() {
    return "bert";
  }

  @Override
  public List<String> architectures() {
    return BertArchitectures.NAMES;
  }

  @Override
  public Optional<String> architecture(String task) {
    return Optional.ofNullable(
        switch (task) {
          case TaskSpec.SEQUENCE_CLASSIFICATION -> BertArchitectures.SEQUENCE;
          case TaskSpec.TOKEN_CLASSIFICATION -> BertArchitectures.TOKEN;
          case TaskSpec.MASKED_LM -> BertArchitectures.MASKED;
          case TaskSpec.QUESTION_ANSWERING -> BertArchitectures.SPAN;
          default -> null;
        });
  }

  @Override
  public Architecture declare(ModelConfig config, String architecture) {
    return BertArchitectures.declare(config, architecture);
  }

  @Override
  public List<String> defaultTargets() {
    return List.of("query", "value");
  }
}
