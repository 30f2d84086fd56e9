package dev.jlora.tasks;

import dev.jlora.data.Dataset;
import dev.jlora.data.Example;
import dev.jlora.data.ExampleEncoder;
import dev.jlora.data.Labels;
import dev.jlora.data.Row;
import dev.jlora.data.Target;
import dev.jlora.data.TextEncoder;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TaskSpec.Problem;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.ImageTask;
import dev.jlora.spi.Objective;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Image classification: one label per image. */
final class ImageClassification implements ImageTask {

  @Override
  public String name() {
    return TaskSpec.IMAGE_CLASSIFICATION;
  }

  /** PEFT has no task type for images. */
  @Override
  public @Nullable String peftTaskType() {
    return null;
  }

  @Override
  public boolean trainsHead() {
    return true;
  }

  /**
   * The labels are the job's, else those of the base model's head if it has all labels of the data,
   * else the data's.
   */
  @Override
  public ModelConfig configure(
      ModelConfig config,
      TaskSpec spec,
      boolean keepLabels,
      @Nullable Dataset dataset,
      ColumnsSpec columns) {
    if (spec.problem() != null && spec.problem() != Problem.SINGLE_LABEL_CLASSIFICATION) {
      throw new IllegalArgumentException(
          "%s: got the problem %s, expected %s"
              .formatted(
                  name(), spec.problem().text(), Problem.SINGLE_LABEL_CLASSIFICATION.text()));
    }
    List<String> labels = labels(config, spec, keepLabels, dataset, columns);
    if (labels.size() < 2) {
      throw new IllegalArgumentException(
          "Labels: got only %s, expected two or more to tell apart; an image folder has a folder for"
                  .formatted(labels)
              + " each class");
    }
    return config
        .withLabels(labels)
        .with("problem_type", Problem.SINGLE_LABEL_CLASSIFICATION.text());
  }

  private static List<String> labels(
      ModelConfig config,
      TaskSpec spec,
      boolean keepLabels,
      @Nullable Dataset dataset,
      ColumnsSpec columns) {
    if (!spec.labels().isEmpty() || dataset == null || columns.label() == null) {
      return LabelNames.settle(config, spec, keepLabels, dataset, columns);
    }
    List<String> found = Labels.collect(dataset, columns.label()).names();
    boolean known = keepLabels && config.labels().containsAll(found);
    return known ? config.labels() : found;
  }

  @Override
  public Objective objective(ModelConfig config, @Nullable TextEncoder text) {
    return new SingleImageLabel(new SingleLabel(LabelNames.of(config)));
  }

  @Override
  public Consumer<Row> rowCheck(ModelConfig config, ColumnsSpec columns) {
    Labels labels = Labels.of(LabelNames.of(config));
    String image = columns.image() == null ? IMAGE_COLUMN : columns.image();
    return row -> {
      row.text(image);
      labels.id(row, LabelNames.column(columns, name()));
    };
  }

  @Override
  public ExampleEncoder encoder(ModelConfig config, ColumnsSpec columns, EncodingMode purpose) {
    Labels labels = Labels.of(LabelNames.of(config));
    String image = columns.image() == null ? IMAGE_COLUMN : columns.image();
    return rows ->
        rows.stream()
            .map(
                row ->
                    Example.ofImage(
                        row.path(image),
                        purpose.labelled()
                            ? new Target.ClassId(labels.id(row, LabelNames.column(columns, name())))
                            : Target.NONE,
                        row.where()))
            .toList();
  }
}
