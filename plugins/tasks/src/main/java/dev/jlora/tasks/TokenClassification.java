package dev.jlora.tasks;

import dev.jlora.data.Collator;
import dev.jlora.data.Dataset;
import dev.jlora.data.Encoded;
import dev.jlora.data.ExampleEncoder;
import dev.jlora.data.Labels;
import dev.jlora.data.Row;
import dev.jlora.data.Target;
import dev.jlora.data.TextEncoder;
import dev.jlora.io.Amount;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.Objective;
import dev.jlora.spi.RandomBatch;
import dev.jlora.spi.Task;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Token classification: one label per word, given as lists of words and labels. The first token of
 * a word has its label; further tokens and special tokens are ignored.
 */
final class TokenClassification implements Task {

  @Override
  public String name() {
    return TaskSpec.TOKEN_CLASSIFICATION;
  }

  @Override
  public String peftTaskType() {
    return "TOKEN_CLS";
  }

  @Override
  public ModelConfig configure(
      ModelConfig config,
      TaskSpec spec,
      boolean keepLabels,
      @Nullable Dataset dataset,
      ColumnsSpec columns) {
    return config.withLabels(LabelNames.settle(config, spec, keepLabels, dataset, columns));
  }

  @Override
  public Objective objective(ModelConfig config, @Nullable TextEncoder text) {
    return new WordLabels(LabelNames.of(config));
  }

  @Override
  public Map<String, Tensor> randomTargets(ModelConfig config, RandomBatch batch) {
    return Map.of("labels", batch.idPerToken(config.numLabels()));
  }

  @Override
  public ExampleEncoder encoder(
      ModelConfig config, TextEncoder text, ColumnsSpec columns, EncodingMode purpose) {
    Labels labels = Labels.of(LabelNames.of(config));
    String column = columns.tokens();
    if (column == null) { // plain text can be answered for, not learnt from
      if (purpose.labelled()) {
        tokens(columns); // says that it is missing
      }
      String whole = columns.text();
      return rows ->
          Texts.examples(
              rows,
              text,
              columns,
              true,
              (row, encoded) ->
                  Texts.example(row, encoded, Target.NONE)
                      .withOrigin(Words.of(row.text(whole), encoded.details())));
    }
    return rows ->
        Texts.examples(
            rows,
            rows.stream().map(row -> String.join(" ", row.texts(column))).toList(),
            null,
            text,
            true,
            (row, encoded) -> {
              Words words = Words.joined(row.texts(column), encoded.details());
              return purpose.labelled()
                  ? Texts.example(row, encoded, target(row, encoded, labels, words, columns))
                  : Texts.example(row, encoded, Target.NONE).withOrigin(words);
            });
  }

  @Override
  public Consumer<Row> rowCheck(ModelConfig config, ColumnsSpec columns) {
    Labels labels = Labels.of(LabelNames.of(config));
    String column = tokens(columns);
    return row -> classes(row, labels, row.texts(column).size(), columns);
  }

  private static String tokens(ColumnsSpec columns) {
    if (columns.tokens() == null) {
      throw new IllegalArgumentException(
          "token-classification: got no column of words, expected its name in data.columns.tokens"
              + " (each row has a list of words, and a list of labels as long)");
    }
    return columns.tokens();
  }

  private static int[] classes(Row row, Labels labels, int words, ColumnsSpec columns) {
    int[] classes = labels.ids(row, LabelNames.column(columns, TaskSpec.TOKEN_CLASSIFICATION));
    if (classes.length != words) {
      throw new FormatException(
          row.where(),
          "has %s and %s, expected one label for each word."
              .formatted(Amount.of(words, "word"), Amount.of(classes.length, "label")),
          "Correct or drop the row.");
    }
    return classes;
  }

  private static Target target(
      Row row, Encoded encoded, Labels labels, Words words, ColumnsSpec columns) {
    int[] classes = classes(row, labels, words.texts().size(), columns);
    int[] ids = new int[encoded.length()];
    Arrays.fill(ids, Collator.IGNORED);
    for (int word = 0; word < classes.length; word++) {
      if (words.tokens()[word] != Encoded.NONE) {
        ids[words.tokens()[word]] = classes[word];
      }
    }
    return new Target.TokenIds(ids);
  }
}
