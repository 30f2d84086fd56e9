package dev.jlora.spi;

import dev.jlora.data.ExampleEncoder;
import dev.jlora.data.TextEncoder;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;

/**
 * A task on images. The model folder needs no tokenizer; batches contain {@code pixel_values},
 * according to its preprocessor_config.json.
 */
public interface ImageTask extends Task {
  /** The default column of image paths. */
  String IMAGE_COLUMN = "image";

  /**
   * Creates the encoder of rows.
   *
   * @param purpose whether targets are encoded
   */
  ExampleEncoder encoder(ModelConfig config, ColumnsSpec columns, EncodingMode purpose);

  @Override
  default ExampleEncoder encoder(
      ModelConfig config, TextEncoder text, ColumnsSpec columns, EncodingMode purpose) {
    return encoder(config, columns, purpose);
  }
}
