package dev.jlora.data.image;

import dev.jlora.io.ModelConfig;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The preprocessing of a model's {@code preprocessor_config.json}: resize, crop, rescale,
 * normalize. Immutable, thread-safe.
 */
public final class ImageProcessor {
  /** The name of the file with its settings: {@value}. */
  public static final String FILE = "preprocessor_config.json";

  private final ImageSteps steps;

  private ImageProcessor(ImageSteps steps) {
    this.steps = steps;
  }

  /**
   * The processor of a model folder; without a preprocessor_config.json, transformers' default for
   * ViT, with the {@code image_size} of config.json.
   *
   * @throws dev.jlora.io.FormatException naming the file and its problem
   */
  public static ImageProcessor of(Path folder) {
    Path file = folder.resolve(FILE);
    if (Files.isRegularFile(file)) {
      return new ImageProcessor(ImageSteps.of(ModelConfig.read(file)));
    }
    ModelConfig model = ModelConfig.read(folder.resolve(ModelConfig.FILE));
    int pixels = model.integer("image_size", 224, 1, ImageSteps.LARGEST);
    return new ImageProcessor(ImageSteps.standard(pixels));
  }

  /** A copy for images of {@code pixels} x {@code pixels}, regardless of the configuration. */
  public ImageProcessor withSize(int pixels) {
    return new ImageProcessor(steps.withSize(pixels));
  }

  /** Height of the result of {@link #pixels}. */
  public int height() {
    return steps.output().height();
  }

  /** Width of the result of {@link #pixels}. */
  public int width() {
    return steps.output().width();
  }

  /** The values of an image, [3, height, width] row-major. */
  public float[] pixels(Picture picture) {
    return values(sized(picture));
  }

  /** The values of an augmented image, for training. */
  public float[] pixels(Picture picture, Augmentation.Draw draw) {
    Picture part = draw.crop(picture);
    boolean cut = part != picture;
    Picture sized = cut ? Resize.to(part, width(), height(), steps.filter()) : sized(part);
    return values(draw.flips() ? sized.flipped() : sized);
  }

  private Picture sized(Picture picture) {
    Picture resized = picture;
    if (steps.resize() != null) {
      ImageSteps.Size size = steps.resize().of(picture.width(), picture.height());
      if ((long) size.width() * size.height() > Decoder.MOST_PIXELS) {
        throw new IllegalArgumentException(
            "has %,d x %,d pixels, and resizing its shorter edge would make %,d x %,d of them"
                .formatted(picture.width(), picture.height(), size.width(), size.height()));
      }
      resized = Resize.to(picture, size.width(), size.height(), steps.filter());
    }
    return fitted(resized);
  }

  /** The centre of the image with the size of the output, padded with black. */
  private Picture fitted(Picture picture) {
    int width = width();
    int height = height();
    if (picture.width() == width && picture.height() == height) {
      return picture;
    }
    if (!steps.centerCrop()) {
      throw new IllegalArgumentException(
          "has %d x %d pixels, expected %d x %d: its preprocessor_config.json resizes none"
              .formatted(picture.width(), picture.height(), width, height));
    }
    int left = Math.floorDiv(picture.width() - width, 2);
    int top = Math.floorDiv(picture.height() - height, 2);
    Picture fitted = Picture.blank(width, height);
    for (int y = Math.max(0, -top); y < height && y + top < picture.height(); y++) {
      int from = Math.max(0, -left);
      int count = Math.min(width, picture.width() - left) - from;
      System.arraycopy(
          picture.rgb(),
          ((y + top) * picture.width() + from + left) * Picture.CHANNELS,
          fitted.rgb(),
          (y * width + from) * Picture.CHANNELS,
          count * Picture.CHANNELS);
    }
    return fitted;
  }

  /** Channels first, rescaled and normalized. */
  private float[] values(Picture picture) {
    int pixels = picture.width() * picture.height();
    float[] values = new float[Picture.CHANNELS * pixels];
    for (int c = 0; c < Picture.CHANNELS; c++) {
      float[] table = steps.table(c);
      for (int i = 0; i < pixels; i++) {
        values[c * pixels + i] = table[picture.rgb()[i * Picture.CHANNELS + c] & 0xff];
      }
    }
    return values;
  }
}
