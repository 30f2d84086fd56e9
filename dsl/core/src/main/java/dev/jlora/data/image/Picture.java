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
   * Reads an image file, which may be in a zip ({@code digits.zip/train/7/1.png}), and applies its
   * EXIF orientation.
   *
   * @throws FormatException if it does not exist, or is not a readable image
   * @throws dev.jlora.io.TooLargeException if it does not fit into memory
   */
  public static Picture read(Path file) {
    try (ImageFiles files = new ImageFiles(/* upright= */ true)) {
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

  /** The image mirrored horizontally. */
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

  /**
   * The image with an EXIF orientation applied: 1 is upright, 2 to 4 keep width and height, 5 to 8
   * swap them.
   */
  Picture oriented(int orientation) {
    if (orientation == Orientation.UPRIGHT) {
      return this;
    }
    boolean turned = orientation >= 5;
    Picture seen = turned ? blank(height, width) : blank(width, height);
    for (int y = 0; y < seen.height; y++) {
      for (int x = 0; x < seen.width; x++) {
        int column = turned ? y : x;
        int row = turned ? x : y;
        if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) {
          column = width - 1 - column;
        }
        if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) {
          row = height - 1 - row;
        }
        int from = (row * width + column) * CHANNELS;
        System.arraycopy(rgb, from, seen.rgb, (y * seen.width + x) * CHANNELS, CHANNELS);
      }
    }
    return seen;
  }
}
