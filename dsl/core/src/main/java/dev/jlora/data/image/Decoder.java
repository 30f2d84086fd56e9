package dev.jlora.data.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Decodes PNG, JPEG, WebP, GIF, BMP and other ImageIO formats to RGB, like PIL's {@code
 * convert("RGB")}: grey values are used for all three colours, palettes are looked up, alpha is
 * dropped, CMYK is mixed. Of 16 bits the upper 8 are used. (PIL clips 16-bit grey at 255, which
 * leaves little but white.) Damaged and truncated files are rejected, even if a reader would fill
 * in missing pixels.
 */
final class Decoder {
  /** PIL's limit, too: a larger image may be a decompression bomb. */
  static final long MOST_PIXELS = 2 * 89_478_485L;

  static {
    ImageIO.setUseCache(false); // images are in memory already: no temporary files
  }

  private static final String INCONSISTENT = "damaged: its parts are inconsistent";

  /** The name of a class in a message of a reader. */
  private static final Pattern LIBRARY_NAME = Pattern.compile("\\b(javax?|com|sun)\\.[a-z]+\\.");

  /** Bytes per pixel while decoding: in the reader's image and in the picture. */
  private static final int BYTES_PER_PIXEL = 2 * Picture.CHANNELS;

  /** A possibly valid image with too many pixels; the message is a sentence about it. */
  static final class TooManyPixels extends IOException {
    TooManyPixels(String problem, @Nullable Throwable cause) {
      super(problem, cause);
    }

    /** Whether memory was exhausted while decoding, possibly because of concurrent decoding. */
    boolean mayFitAlone() {
      return getCause() != null;
    }
  }

  private Decoder() {}

  /**
   * Decodes an image.
   *
   * @param upright whether to apply its EXIF orientation
   * @throws TooManyPixels if it does not fit into memory
   * @throws IOException with the problem of the file
   */
  static Picture decode(byte[] bytes, boolean upright) throws IOException {
    ImageIntegrity.require(bytes);
    try {
      Picture picture = picture(image(bytes));
      return upright ? picture.oriented(Orientation.of(bytes)) : picture;
    } catch (TooManyPixels e) {
      throw e;
    } catch (IOException e) {
      if (clear(e.getMessage())) {
        throw e;
      }
      throw new IOException(INCONSISTENT, e);
    } catch (RuntimeException e) { // readers throw all sorts of these at damaged files
      throw new IOException(clear(e.getMessage()) ? "damaged: " + e.getMessage() : INCONSISTENT, e);
    }
  }

  /** Whether a message says something to those who do not know the reader's classes. */
  private static boolean clear(@Nullable String message) {
    return message != null && !LIBRARY_NAME.matcher(message).find();
  }

  private static ImageInputStream stream(byte[] bytes) throws IOException {
    return ImageIntegrity.isWebp(bytes)
        ? new WholeStream(bytes)
        : ImageIO.createImageInputStream(new ByteArrayInputStream(bytes));
  }

  private static BufferedImage image(byte[] bytes) throws IOException {
    try (ImageInputStream stream = stream(bytes)) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
      if (!readers.hasNext()) {
        throw new IOException(
            bytes.length == 0 ? "an empty file" : "not an image of a known format");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(stream, /* seekForwardOnly= */ true, /* ignoreMetadata= */ true);
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        requireReasonable(width, height);
        DamageWarnings lost = new DamageWarnings();
        reader.addIIOReadWarningListener(lost);
        BufferedImage image = read(reader, width, height);
        if (lost.first() != null) {
          throw new IOException("truncated or damaged: " + lost.first());
        }
        return image;
      } finally {
        reader.dispose();
      }
    }
  }

  private static BufferedImage read(ImageReader reader, int width, int height) throws IOException {
    try {
      return reader.read(0);
    } catch (OutOfMemoryError e) {
      throw doesNotFit(width, height, e);
    }
  }

  private static void requireReasonable(int width, int height) throws IOException {
    long pixels = (long) width * height;
    if (pixels > MOST_PIXELS) {
      throw new TooManyPixels(
          "has %,d x %,d pixels, expected %,d pixels at most, as in PIL."
              .formatted(width, height, MOST_PIXELS),
          null);
    }
    if (pixels * BYTES_PER_PIXEL > Runtime.getRuntime().maxMemory()) {
      throw doesNotFit(width, height, null);
    }
  }

  private static TooManyPixels doesNotFit(int width, int height, @Nullable Throwable cause) {
    return new TooManyPixels(
        "has %,d x %,d pixels, which take %,d MiB or more to decode; Java's heap is limited to %,d MiB."
            .formatted(
                width,
                height,
                ((long) width * height * BYTES_PER_PIXEL >> 20) + 1,
                Runtime.getRuntime().maxMemory() >> 20),
        cause);
  }

  private static Picture picture(BufferedImage image) throws IOException {
    try {
      return converted(image);
    } catch (OutOfMemoryError e) {
      throw doesNotFit(image.getWidth(), image.getHeight(), e);
    }
  }

  private static Picture converted(BufferedImage image) throws IOException {
    int space = image.getColorModel().getColorSpace().getType();
    int samples = image.getRaster().getTransferType();
    boolean cmyk = space == ColorSpace.TYPE_CMYK && samples == DataBuffer.TYPE_BYTE;
    if (!cmyk && space != ColorSpace.TYPE_RGB && space != ColorSpace.TYPE_GRAY) {
      throw new IOException("unsupported colour type; save it as RGB");
    }
    Picture picture = Picture.blank(image.getWidth(), image.getHeight());
    if (image.getColorModel() instanceof IndexColorModel palette) {
      fromPalette(image.getRaster(), palette, picture);
    } else if (cmyk) {
      fromInks(image.getRaster(), picture);
    } else if (image.getColorModel() instanceof ComponentColorModel
        && image.getRaster().getNumBands() <= 4) {
      if (samples != DataBuffer.TYPE_BYTE && samples != DataBuffer.TYPE_USHORT) {
        throw new IOException("samples that are not integers of at most 16 bits");
      }
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

  /** Grey, grey and alpha, RGB, or RGB and alpha, with 8 or 16 bits; without a colour profile. */
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

  /** CMYK, mixed as by PIL, without a colour profile. */
  private static void fromInks(Raster raster, Picture picture) {
    int[] row = new int[4 * picture.width()];
    int at = 0;
    for (int y = 0; y < picture.height(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, picture.width(), 1, row);
      for (int i = 0; i < row.length; i += 4) {
        int light = 255 - row[i + 3];
        for (int ink = 0; ink < Picture.CHANNELS; ink++) {
          int product = row[i + ink] * light + 128;
          picture.rgb()[at++] = (byte) (light - ((product >> 8) + product >> 8));
        }
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
