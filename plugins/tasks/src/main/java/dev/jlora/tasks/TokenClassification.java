package dev.jlora.tasks;

import dev.jlora.data.Dataset;
import dev.jlora.data.Encoded;
import dev.jlora.data.ExampleEncoder;
import dev.jlora.data.Labels;
import dev.jlora.data.Row;
import dev.jlora.data.Target;
import dev.jlora.data.TextEncoder;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Task;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A label for each word, given as lists of words and labels. A word's first token carries its
 * label; further tokens and special ones do not count.
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
    List<String> labels = LabelNames.of(config);
    return new TokenLabels(
        labels.size(), labels::get, null, List.of("accuracy", "f1_macro", "f1_micro"));
  }

  @Override
  public ExampleEncoder encoder(
      ModelConfig config, TextEncoder text, ColumnsSpec columns, boolean labelled) {
    Labels labels = Labels.of(LabelNames.of(config));
    String words = columns.tokens();
    if (words == null) { // plain text can be answered for, not learnt from
      if (labelled) {
        throw new IllegalArgumentException(
            "token-classification: got no column of words, expected its name in data.columns.tokens"
                + " (each row has a list of words, and a list of labels as long)");
      }
      return rows -> Texts.examples(rows, text, columns, false, (_, _) -> Target.NONE);
    }
    return rows ->
        Texts.examples(
            rows,
            rows.stream().map(row -> String.join(" ", row.texts(words))).toList(),
            null,
            text,
            labelled,
            (row, encoded) ->
                labelled ? target(row, encoded, labels, words, columns) : Target.NONE);
  }

  private static Target target(
      Row row, Encoded encoded, Labels labels, String words, ColumnsSpec columns) {
    List<String> texts = row.texts(words);
    int[] classes = labels.ids(row, LabelNames.column(columns, TaskSpec.TOKEN_CLASSIFICATION));
    if (classes.length != texts.size()) {
      throw new FormatException(
          row.where(),
          "has %d words and %d labels, expected one label for each word."
              .formatted(texts.size(), classes.length),
          "Correct or drop the row.");
    }
    int[] wordOf = wordOfChar(texts);
    int[] ids = new int[encoded.length()];
    Arrays.fill(ids, (int) Losses.IGNORED);
    int[] starts = encoded.details().starts();
    int last = -1;
    for (int token = 0; token < ids.length; token++) {
      if (starts[token] != Encoded.NONE && wordOf[starts[token]] != last) {
        last = wordOf[starts[token]];
        ids[token] = classes[last];
      }
    }
    return new Target.TokenIds(ids);
  }

  /** For each char of the words joined by spaces, the word it belongs to. */
  private static int[] wordOfChar(List<String> words) {
    int[] wordOf = new int[words.stream().mapToInt(word -> word.length() + 1).sum()];
    int at = 0;
    for (int word = 0; word < words.size(); word++) {
      int end = at + words.get(word).length() + 1;
      Arrays.fill(wordOf, at, end, word);
      at = end;
    }
    return wordOf;
  }
}
