package dev.jlora.data.image;

import dev.jlora.io.FormatException;
import java.nio.file.Path;

/**
 * A decoded image: red, green and blue of every pixel, row by row from the top. The bytes are not
 * copied.
 */
public record Picture(int width, int height, byte[] rgb) {
  static final int CHANNELS = 3;

  public Picture {
    if (width < 1 || height < 1 || rgb.length != width * height * CHANNELS) {
      throw new IllegalArgumentException(
          "got %d bytes for %d x %d pixels, expected three for each of at least one pixel"
              .formatted(rgb.length, width, height));
    }
  }

  static Picture blank(int width, int height) {
    return new Picture(width, height, new byte[Math.multiplyExact(width * CHANNELS, height)]);
  }

  /**
   * Reads an image file, which may lie in a zip: {@code digits.zip/train/7/1.png}.
   *
   * @throws FormatException if it is not there, or no image that can be read
   */
  public static Picture read(Path file) {
    try (ImageFiles files = new ImageFiles()) {
      return files.read(file);
    }
  }

  /** The part that starts at {@code x}, {@code y}. */
  Picture crop(int x, int y, int partWidth, int partHeight) {
    Picture part = blank(partWidth, partHeight);
    for (int row = 0; row < partHeight; row++) {
      System.arraycopy(
          rgb,
          ((y + row) * width + x) * CHANNELS,
          part.rgb,
          row * partWidth * CHANNELS,
          partWidth * CHANNELS);
    }
    return part;
  }

  /** The mirror image: left is right. */
  Picture flipped() {
    Picture mirrored = blank(width, height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int from = (y * width + x) * CHANNELS;
        int to = (y * width + width - 1 - x) * CHANNELS;
        System.arraycopy(rgb, from, mirrored.rgb, to, CHANNELS);
      }
    }
    return mirrored;
  }
}
