package dev.jlora.data.image;

import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Turns the bytes of a PNG, JPEG, GIF, BMP or another format that ImageIO knows into RGB, as PIL's
 * {@code convert("RGB")} does: grey values stand for all three colours as they are stored, a
 * palette is looked up, alpha is dropped. Of 16 bits the upper 8 count. (PIL clips 16-bit grey at
 * 255, which leaves little but white.)
 */
final class Decoder {
  /** Beyond this PIL refuses an image, too: it may be a bomb. */
  private static final long MOST_PIXELS = 2 * 89_478_485L;

  static {
    ImageIO.setUseCache(false); // images are in memory already: no temporary files
  }

  private Decoder() {}

  /**
   * Decodes an image.
   *
   * @throws IOException saying what is wrong with it
   */
  static Picture decode(byte[] bytes) throws IOException {
    try {
      return picture(image(bytes));
    } catch (RuntimeException e) { // readers throw all sorts of these at damaged files
      throw new IOException("damaged: " + e, e);
    }
  }

  private static BufferedImage image(byte[] bytes) throws IOException {
    try (ImageInputStream stream =
        ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
      if (!readers.hasNext()) {
        throw new IOException(
            bytes.length == 0 ? "an empty file" : "not an image of a known format");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(stream, /* seekForwardOnly= */ true, /* ignoreMetadata= */ true);
        requireReasonable(reader.getWidth(0), reader.getHeight(0));
        return reader.read(0);
      } finally {
        reader.dispose();
      }
    }
  }

  private static void requireReasonable(int width, int height) throws IOException {
    if ((long) width * height > MOST_PIXELS) {
      throw new IOException(
          "%d x %d pixels, expected %,d at most".formatted(width, height, MOST_PIXELS));
    }
  }

  private static Picture picture(BufferedImage image) {
    Picture picture = Picture.blank(image.getWidth(), image.getHeight());
    if (image.getColorModel() instanceof IndexColorModel palette) {
      fromPalette(image.getRaster(), palette, picture);
    } else if (image.getColorModel() instanceof ComponentColorModel
        && image.getRaster().getNumBands() <= 4) {
      fromComponents(image.getRaster(), picture);
    } else {
      fromColors(image, picture);
    }
    return picture;
  }

  private static void fromPalette(Raster raster, IndexColorModel palette, Picture picture) {
    int[] row = new int[picture.width()];
    int at = 0;
    for (int y = 0; y < picture.height(); y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, row.length, 1, 0, row);
      for (int index : row) {
        picture.rgb()[at++] = (byte) palette.getRed(index);
        picture.rgb()[at++] = (byte) palette.getGreen(index);
        picture.rgb()[at++] = (byte) palette.getBlue(index);
      }
    }
  }

  /** Grey, grey and alpha, RGB, or RGB and alpha, of 8 or 16 bits; as stored, without a profile. */
  private static void fromComponents(Raster raster, Picture picture) {
    int bands = raster.getNumBands();
    int shift = Math.max(raster.getSampleModel().getSampleSize(0) - 8, 0);
    int green = bands >= Picture.CHANNELS ? 1 : 0;
    int blue = bands >= Picture.CHANNELS ? 2 : 0;
    int[] row = new int[picture.width() * bands];
    int at = 0;
    for (int y = 0; y < picture.height(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, picture.width(), 1, row);
      for (int i = 0; i < row.length; i += bands) {
        picture.rgb()[at++] = (byte) (row[i] >> shift);
        picture.rgb()[at++] = (byte) (row[i + green] >> shift);
        picture.rgb()[at++] = (byte) (row[i + blue] >> shift);
      }
    }
  }

  private static void fromColors(BufferedImage image, Picture picture) {
    int[] row = new int[picture.width()];
    int at = 0;
    for (int y = 0; y < picture.height(); y++) {
      image.getRGB(0, y, row.length, 1, row, 0, row.length);
      for (int color : row) {
        picture.rgb()[at++] = (byte) (color >> 16);
        picture.rgb()[at++] = (byte) (color >> 8);
        picture.rgb()[at++] = (byte) color;
      }
    }
  }
}
