package dev.jlora.tasks;

import dev.jlora.data.Collator;
import dev.jlora.data.Dataset;
import dev.jlora.data.Example;
import dev.jlora.data.ExampleEncoder;
import dev.jlora.data.Row;
import dev.jlora.data.Target;
import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.GenerativeTask;
import dev.jlora.spi.Objective;
import dev.jlora.spi.RandomBatch;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Causal language modelling: continues a text. Rows are texts, or a prompt and its completion, or a
 * conversation ({@link Passages}); only tokens that the model is to generate count in the loss.
 * Texts are joined and cut into blocks unless the job keeps one row per example.
 */
final class CausalLanguage implements GenerativeTask {

  @Override
  public String name() {
    return TaskSpec.CAUSAL_LM;
  }

  @Override
  public String peftTaskType() {
    return "CAUSAL_LM";
  }

  @Override
  public boolean isSettled(TaskSpec spec) {
    return true; // there are no labels
  }

  @Override
  public Objective objective(ModelConfig config, @Nullable TextEncoder text) {
    return new NextToken(
        config.integer("vocab_size"),
        id -> text == null ? Integer.toString(id) : text.decode(new int[] {id}));
  }

  @Override
  public Dataset arrange(Dataset rows, TextEncoder text, DataSpec data) {
    if (!data.packing()) {
      return rows;
    }
    if (text.maxLength() == TextOptions.MODEL) {
      throw new IllegalArgumentException(
          "data.max_length: got none, and the model sets no limit; expected the tokens of a block");
    }
    return new TokenBlocks(text.maxLength()).pack(rows, new Passages(text, data.columns()));
  }

  @Override
  public List<Prompt> prompts(List<Row> rows, TextEncoder text, ColumnsSpec columns) {
    return new Passages(text, columns).prompts(rows);
  }

  @Override
  public Map<String, Tensor> randomTargets(ModelConfig config, RandomBatch batch) {
    return Map.of("labels", batch.idPerToken(config.integer("vocab_size")));
  }

  @Override
  public ExampleEncoder encoder(
      ModelConfig config, TextEncoder text, ColumnsSpec columns, EncodingMode purpose) {
    Passages passages = new Passages(text, columns);
    return rows ->
        TokenBlocks.isPacked(rows)
            ? rows.stream().map(TokenBlocks::example).toList()
            : passages.of(rows, purpose.labelled()).stream()
                .map(passage -> example(passage, text, purpose.labelled()))
                .toList();
  }

  @Override
  public Consumer<Row> rowCheck(ModelConfig config, ColumnsSpec columns) {
    return row -> Passages.check(row, columns);
  }

  private static Example example(Passages.Passage passage, TextEncoder text, boolean labelled) {
    text.requireShort(passage.ids().length, passage.where());
    int longest = text.maxLength();
    int[] ids = cut(passage.ids(), longest);
    if (!labelled) {
      return new Example(ids, null, Target.NONE, passage.where());
    }
    int[] labels = cut(passage.labels(), longest);
    if (Arrays.stream(labels).skip(1).allMatch(label -> label == Collator.IGNORED)) {
      throw new FormatException(
          passage.where(),
          "has nothing to train on in its first %,d tokens (of %,d)."
              .formatted(ids.length, passage.ids().length),
          "Drop the row, shorten its prompt, or raise data.max_length.");
    }
    return new Example(ids, null, new Target.TokenIds(labels), passage.where());
  }

  private static int[] cut(int[] values, int longest) {
    return values.length <= longest ? values : Arrays.copyOf(values, longest);
  }
}
