package dev.jlora.data.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Resizing against Pillow, and against a straight-line computation in floating point. */
class ResizeTest {
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NEAREST")
  void follows_the_filter_up_and_down(Filter filter) {
    Picture picture = random(23, 17);
    for (int[] size : new int[][] {{9, 31}, {40, 5}, {23, 8}, {11, 17}}) {
      Picture resized = Resize.to(picture, size[0], size[1], filter);
      assertThat(resized.width()).isEqualTo(size[0]);
      assertThat(resized.height()).isEqualTo(size[1]);
      Picture expected = straight(straight(picture, size[0], filter, true), size[1], filter, false);
      for (int i = 0; i < resized.rgb().length; i++) {
        int difference = (resized.rgb()[i] & 0xff) - (expected.rgb()[i] & 0xff);
        assertThat(difference).as("%s, byte %d", filter, i).isBetween(-1, 1);
      }
    }
  }

  /**
   * All pixels of {@code Image.resize} of Pillow 12.3.0, as the CRC-32 of {@code
   * numpy.asarray(resized).tobytes()}. Byte i of the picture is {@code (i * i * 31 + i * 7) >> 3}.
   */
  @ParameterizedTest
  @CsvSource({
    "LANCZOS, 640, 480, 224, 224, 3c0403ed",
    "LANCZOS, 33, 40, 32, 32, 2ef6b1d4",
    "LANCZOS, 61, 77, 224, 31, 66981441",
    "LANCZOS, 28, 28, 224, 224, 4a89986e",
    "BILINEAR, 640, 480, 224, 224, 866b4469",
    "BILINEAR, 33, 40, 32, 32, d6f76726",
    "BILINEAR, 61, 77, 224, 31, 73597a0c",
    "BILINEAR, 28, 28, 224, 224, 51ed8088",
    "BICUBIC, 640, 480, 224, 224, 764fa51c",
    "BICUBIC, 33, 40, 32, 32, a7813219",
    "BICUBIC, 61, 77, 224, 31, 2c536c5e",
    "BICUBIC, 28, 28, 224, 224, 82878faa",
    "BOX, 640, 480, 224, 224, feb7dce3",
    "BOX, 33, 40, 32, 32, bf08be08",
    "BOX, 61, 77, 224, 31, f21cc5dd",
    "BOX, 28, 28, 224, 224, 1006dd7b",
    "HAMMING, 640, 480, 224, 224, a9f3bc94",
    "HAMMING, 33, 40, 32, 32, 8de4684c",
    "HAMMING, 61, 77, 224, 31, 3f31874d",
    "HAMMING, 28, 28, 224, 224, a4d8e4ce",
    "NEAREST, 640, 480, 224, 224, 828321f2",
    "NEAREST, 33, 40, 32, 32, 8e52ecf9",
    "NEAREST, 61, 77, 224, 31, 327a35f5",
    "NEAREST, 28, 28, 224, 224, 1006dd7b"
  })
  void gives_every_pixel_of_pillow(
      Filter filter, int width, int height, int toWidth, int toHeight, String crc) {
    byte[] bytes = new byte[width * height * 3];
    for (long i = 0; i < bytes.length; i++) {
      bytes[(int) i] = (byte) (i * i * 31 + i * 7 >> 3);
    }
    Picture resized = Resize.to(new Picture(width, height, bytes), toWidth, toHeight, filter);
    CRC32 sum = new CRC32();
    sum.update(resized.rgb());
    assertThat("%08x".formatted(sum.getValue())).isEqualTo(crc);
  }

  @ParameterizedTest
  @EnumSource(Filter.class)
  void keeps_one_colour_and_an_unchanged_size(Filter filter) {
    byte[] grey = new byte[7 * 5 * 3];
    Arrays.fill(grey, (byte) 201);
    Picture resized = Resize.to(new Picture(7, 5, grey), 13, 3, filter);
    for (byte value : resized.rgb()) {
      assertThat(value & 0xff).isEqualTo(201);
    }
    Picture picture = random(6, 4);
    assertThat(Resize.to(picture, 6, 4, filter).rgb()).isEqualTo(picture.rgb());
  }

  @Test
  void nearest_takes_the_pixel_under_the_middle() {
    Picture row = new Picture(4, 1, new byte[] {1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4});
    assertThat(Resize.to(row, 2, 1, Filter.NEAREST).rgb()).containsExactly(2, 2, 2, 4, 4, 4);
    assertThat(Resize.to(row, 8, 1, Filter.NEAREST).rgb())
        .containsExactly(1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4);
  }

  @Test
  void what_overshoots_stays_in_eight_bits() {
    byte[] edge = new byte[8 * 3];
    Arrays.fill(edge, 12, 24, (byte) 255);
    Picture resized = Resize.to(new Picture(8, 1, edge), 16, 1, Filter.LANCZOS);
    assertThat(resized.rgb()[0]).isZero();
    assertThat(resized.rgb()[47] & 0xff).isEqualTo(255);
    for (int x = 1; x < 16; x++) {
      int before = resized.rgb()[(x - 1) * 3] & 0xff;
      int here = resized.rgb()[x * 3] & 0xff;
      assertThat(here).as("no wrap-around at %d", x).isGreaterThanOrEqualTo(before - 30);
    }
  }

  private static Picture random(int width, int height) {
    byte[] bytes = new byte[width * height * 3];
    new SplittableRandom(3).nextBytes(bytes);
    return new Picture(width, height, bytes);
  }

  /** One direction of a resize, pixel by pixel in double precision, rounded at its end. */
  private static Picture straight(Picture from, int to, Filter filter, boolean alongRows) {
    int length = alongRows ? from.width() : from.height();
    if (length == to) {
      return from;
    }
    Picture result = alongRows ? Picture.blank(to, from.height()) : Picture.blank(from.width(), to);
    double scale = (double) length / to;
    double stretch = Math.max(1, scale);
    for (int y = 0; y < result.height(); y++) {
      for (int x = 0; x < result.width(); x++) {
        for (int c = 0; c < 3; c++) {
          double center = ((alongRows ? x : y) + 0.5) * scale;
          double sum = 0;
          double weights = 0;
          for (int i = 0; i < length; i++) {
            double distance = i + 0.5 - center;
            if (Math.abs(distance) > filter.support() * stretch + 0.5) {
              continue;
            }
            double weight = filter.weight(distance / stretch);
            int at = alongRows ? y * from.width() + i : i * from.width() + x;
            sum += weight * (from.rgb()[at * 3 + c] & 0xff);
            weights += weight;
          }
          double value = Math.clamp(Math.round(sum / weights), 0, 255);
          result.rgb()[(y * result.width() + x) * 3 + c] = (byte) (int) value;
        }
      }
    }
    return result;
  }
}
