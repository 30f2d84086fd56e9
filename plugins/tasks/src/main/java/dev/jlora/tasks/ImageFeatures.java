package dev.jlora.tasks;

import dev.jlora.data.Dataset;
import dev.jlora.data.Example;
import dev.jlora.data.ExampleEncoder;
import dev.jlora.data.Target;
import dev.jlora.data.TextEncoder;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.ImageTask;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Purpose;
import org.jspecify.annotations.Nullable;

/** A vector for each image; as with {@link FeatureExtraction} there is nothing to learn. */
final class ImageFeatures implements ImageTask {
  private final String name;
  private final Objective vectors;

  private ImageFeatures(String name, FeatureVectors.Pooling pooling) {
    this.name = name;
    this.vectors = new FeatureVectors(pooling);
  }

  /** From the mean of all patches and the first token. */
  static ImageFeatures mean() {
    return new ImageFeatures(TaskSpec.IMAGE_FEATURE_EXTRACTION, FeatureVectors.Pooling.MEAN);
  }

  /** From the first token, as ViT's classifier looks at an image. */
  static ImageFeatures firstToken() {
    return new ImageFeatures(
        TaskSpec.IMAGE_FEATURE_EXTRACTION_CLS, FeatureVectors.Pooling.FIRST_TOKEN);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String peftTaskType() {
    return "FEATURE_EXTRACTION";
  }

  /** Labels matter only to a head that comes with the adapter, and has to have its size. */
  @Override
  public ModelConfig configure(
      ModelConfig config,
      TaskSpec spec,
      boolean keepLabels,
      @Nullable Dataset dataset,
      ColumnsSpec columns) {
    return spec.labels().isEmpty() ? config : config.withLabels(spec.labels());
  }

  @Override
  public Objective objective(ModelConfig config, @Nullable TextEncoder text) {
    return vectors;
  }

  @Override
  public ExampleEncoder encoder(ModelConfig config, ColumnsSpec columns, Purpose purpose) {
    String image = columns.image() == null ? IMAGE_COLUMN : columns.image();
    return rows ->
        rows.stream()
            .map(row -> Example.ofImage(row.path(image), Target.NONE, row.where()))
            .toList();
  }
}
