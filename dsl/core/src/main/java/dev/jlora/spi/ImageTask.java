package dev.jlora.spi;

import dev.jlora.data.ExampleEncoder;
import dev.jlora.data.TextEncoder;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;

/**
 * A task whose rows hold images in place of text. The model's folder needs no tokenizer; its
 * batches have {@code pixel_values}, as its preprocessor_config.json says.
 */
public interface ImageTask extends Task {
  /** The column of the images' paths where a job names none. */
  String IMAGE_COLUMN = "image";

  /**
   * How rows become examples.
   *
   * @param purpose whether targets are wanted
   */
  ExampleEncoder encoder(ModelConfig config, ColumnsSpec columns, EncodingMode purpose);

  @Override
  default ExampleEncoder encoder(
      ModelConfig config, TextEncoder text, ColumnsSpec columns, EncodingMode purpose) {
    return encoder(config, columns, purpose);
  }
}
