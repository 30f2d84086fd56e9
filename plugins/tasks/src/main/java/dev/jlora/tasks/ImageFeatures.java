package dev.jlora.tasks;

import dev.jlora.data.Example;
import dev.jlora.data.ExampleEncoder;
import dev.jlora.data.Target;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.ImageTask;
import dev.jlora.spi.Objective;

/** Feature extraction: one vector per image, without training, as {@link FeatureExtraction}. */
final class ImageFeatures implements ImageTask, VectorTask {
  private final String name;
  private final Objective vectors;

  private ImageFeatures(String name, FeatureVectors.Pooling pooling) {
    this.name = name;
    this.vectors = new FeatureVectors(pooling);
  }

  /** Pools the mean of all patches and the first token. */
  static ImageFeatures mean() {
    return new ImageFeatures(TaskSpec.IMAGE_FEATURE_EXTRACTION, FeatureVectors.Pooling.MEAN);
  }

  /** Pools the first token, as ViT's classifier does. */
  static ImageFeatures firstToken() {
    return new ImageFeatures(
        TaskSpec.IMAGE_FEATURE_EXTRACTION_CLS, FeatureVectors.Pooling.FIRST_TOKEN);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Objective vectors() {
    return vectors;
  }

  @Override
  public ExampleEncoder encoder(ModelConfig config, ColumnsSpec columns, EncodingMode purpose) {
    String image = columns.image() == null ? IMAGE_COLUMN : columns.image();
    return rows ->
        rows.stream()
            .map(row -> Example.ofImage(row.path(image), Target.NONE, row.where()))
            .toList();
  }
}
