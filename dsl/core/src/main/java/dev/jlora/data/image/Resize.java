package dev.jlora.data.image;

/**
 * PIL's {@code Image.resize}, bit for bit: fixed-point weights, a horizontal and a vertical pass,
 * with 8-bit pixels between them.
 */
final class Resize {
  private Resize() {}

  static Picture to(Picture picture, int width, int height, Filter filter) {
    if (filter == Filter.NEAREST) {
      return nearest(picture, width, height);
    }
    Picture rows = picture.width() == width ? picture : alongRows(picture, width, filter);
    return rows.height() == height ? rows : alongColumns(rows, height, filter);
  }

  private static Picture alongRows(Picture from, int width, Filter filter) {
    Kernel kernel = Kernel.of(from.width(), width, filter);
    Picture to = Picture.blank(width, from.height());
    for (int y = 0; y < from.height(); y++) {
      for (int x = 0; x < width; x++) {
        int at = (y * from.width() + kernel.first()[x]) * Picture.CHANNELS;
        sum(from, at, Picture.CHANNELS, kernel, x, to, (y * width + x) * Picture.CHANNELS);
      }
    }
    return to;
  }

  private static Picture alongColumns(Picture from, int height, Filter filter) {
    Kernel kernel = Kernel.of(from.height(), height, filter);
    int line = from.width() * Picture.CHANNELS;
    Picture to = Picture.blank(from.width(), height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < from.width(); x++) {
        int at = kernel.first()[y] * line + x * Picture.CHANNELS;
        sum(from, at, line, kernel, y, to, y * line + x * Picture.CHANNELS);
      }
    }
    return to;
  }

  /** One output pixel: the weighted sum of pixels that are {@code step} bytes apart. */
  private static void sum(
      Picture from, int at, int step, Kernel kernel, int index, Picture to, int target) {
    byte[] pixels = from.rgb();
    int[] weights = kernel.weights();
    int weight = index * kernel.reach();
    int red = Kernel.HALF;
    int green = Kernel.HALF;
    int blue = Kernel.HALF;
    for (int k = 0; k < kernel.count()[index]; k++) {
      int w = weights[weight + k];
      red += (pixels[at] & 0xff) * w;
      green += (pixels[at + 1] & 0xff) * w;
      blue += (pixels[at + 2] & 0xff) * w;
      at += step;
    }
    to.rgb()[target] = Kernel.pixel(red);
    to.rgb()[target + 1] = Kernel.pixel(green);
    to.rgb()[target + 2] = Kernel.pixel(blue);
  }

  /**
   * Selects the pixel under the centre of each new pixel; the centres are accumulated as in PIL.
   */
  private static Picture nearest(Picture from, int width, int height) {
    int[] columns = middles(from.width(), width);
    int[] rows = middles(from.height(), height);
    Picture to = Picture.blank(width, height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int source = (rows[y] * from.width() + columns[x]) * Picture.CHANNELS;
        System.arraycopy(
            from.rgb(), source, to.rgb(), (y * width + x) * Picture.CHANNELS, Picture.CHANNELS);
      }
    }
    return to;
  }

  private static int[] middles(int from, int to) {
    double scale = (double) from / to;
    int[] middles = new int[to];
    double middle = scale * 0.5;
    for (int i = 0; i < to; i++) {
      middles[i] = Math.min((int) middle, from - 1);
      middle += scale;
    }
    return middles;
  }
}
