package dev.jlora.tasks;

import dev.jlora.data.Collator;
import dev.jlora.data.ExampleEncoder;
import dev.jlora.data.Row;
import dev.jlora.data.Target;
import dev.jlora.data.TextEncoder;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.Objective;
import dev.jlora.spi.RandomBatch;
import dev.jlora.spi.Task;
import dev.jlora.tensor.Tensor;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Masked language modelling; needs no labels. */
final class MaskedLanguage implements Task {

  @Override
  public String name() {
    return TaskSpec.MASKED_LM;
  }

  @Override
  public @Nullable String peftTaskType() {
    return null; // PEFT has none for it: an adapter without a task type
  }

  @Override
  public boolean isSettled(TaskSpec spec) {
    return true; // there are no labels
  }

  @Override
  public Objective objective(ModelConfig config, @Nullable TextEncoder text) {
    Integer mask = text == null || text.maskId().isEmpty() ? null : text.maskId().getAsInt();
    return new MaskedTokens(
        config.integer("vocab_size"),
        id -> text == null ? Integer.toString(id) : text.decode(new int[] {id}),
        mask);
  }

  @Override
  public Map<String, Tensor> randomTargets(ModelConfig config, RandomBatch batch) {
    return Map.of("labels", batch.idPerToken(config.integer("vocab_size")));
  }

  @Override
  public ExampleEncoder encoder(
      ModelConfig config, TextEncoder text, ColumnsSpec columns, EncodingMode purpose) {
    return rows ->
        Texts.examples(
            rows, text, columns, false, (row, encoded) -> Texts.example(row, encoded, Target.NONE));
  }

  @Override
  public Consumer<Row> rowCheck(ModelConfig config, ColumnsSpec columns) {
    return row -> Texts.check(row, columns);
  }

  @Override
  public Collator collator(Collator padding, TextEncoder text, long seed) {
    int mask =
        text.maskId()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "masked-lm: the tokenizer has no mask token, expected one such as [MASK];"
                            + " this task needs a model trained with masked words"));
    return new MaskingCollator(padding, mask, text.vocabularySize(), text.specialIds(), seed);
  }
}
