package dev.jlora.tasks;

import dev.jlora.data.ExampleEncoder;
import dev.jlora.data.Target;
import dev.jlora.data.TextEncoder;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.Objective;

/**
 * Feature extraction: one vector per text, for search and clustering. There is no training; the
 * model was trained for another task, with an adapter or without.
 */
final class FeatureExtraction implements VectorTask {
  private final String name;
  private final Objective vectors;

  private FeatureExtraction(String name, FeatureVectors.Pooling pooling) {
    this.name = name;
    this.vectors = new FeatureVectors(pooling);
  }

  /** Pools the mean of all tokens that are not padding. */
  static FeatureExtraction mean() {
    return new FeatureExtraction(TaskSpec.FEATURE_EXTRACTION, FeatureVectors.Pooling.MEAN);
  }

  /** Pools the first token, as BERT's classifiers do. */
  static FeatureExtraction firstToken() {
    return new FeatureExtraction(
        TaskSpec.FEATURE_EXTRACTION_CLS, FeatureVectors.Pooling.FIRST_TOKEN);
  }

  /** Pools the last token, the only one of a decoder that has attended to the whole text. */
  static FeatureExtraction lastToken() {
    return new FeatureExtraction(
        TaskSpec.FEATURE_EXTRACTION_LAST, FeatureVectors.Pooling.LAST_TOKEN);
  }

  @Override
  public Objective vectors() {
    return vectors;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public ExampleEncoder encoder(
      ModelConfig config, TextEncoder text, ColumnsSpec columns, EncodingMode purpose) {
    String words = columns.tokens();
    if (columns.text() == null && words != null) {
      return rows ->
          Texts.examples(
              rows,
              rows.stream().map(row -> String.join(" ", row.texts(words))).toList(),
              null,
              text,
              false,
              (row, encoded) -> Texts.example(row, encoded, Target.NONE));
    }
    return rows ->
        Texts.examples(
            rows, text, columns, false, (row, encoded) -> Texts.example(row, encoded, Target.NONE));
  }
}
