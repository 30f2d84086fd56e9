package dev.jlora.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.io.FormatException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of pixel that a PNG may hold, as PIL's convert("RGB") gives it. */
class DecoderTest {
  @TempDir Path folder;

  @Test
  void grey_stands_for_all_colours_as_it_is_stored() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setPixels(0, 0, 2, 1, new int[] {10, 200});
    assertThat(decoded(image)).containsExactly(10, 10, 10, 200, 200, 200);
  }

  @Test
  void of_sixteen_bits_the_upper_eight_count() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
    image.getRaster().setPixels(0, 0, 2, 1, new int[] {0x0AFF, 0xC801});
    assertThat(decoded(image)).containsExactly(10, 10, 10, 200, 200, 200);
  }

  @Test
  void a_palette_is_looked_up() throws IOException {
    byte[] red = {1, 11};
    byte[] green = {2, 12};
    byte[] blue = {3, 13};
    byte[] alpha = {0, (byte) 255};
    BufferedImage image =
        new BufferedImage(
            2,
            1,
            BufferedImage.TYPE_BYTE_INDEXED,
            new IndexColorModel(8, 2, red, green, blue, alpha));
    image.getRaster().setPixels(0, 0, 2, 1, new int[] {1, 0});
    assertThat(decoded(image)).containsExactly(11, 12, 13, 1, 2, 3);
  }

  @Test
  void alpha_is_dropped_and_colours_below_it_stay() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0x00112233);
    image.setRGB(1, 0, 0x80445566);
    assertThat(decoded(image)).containsExactly(0x11, 0x22, 0x33, 0x44, 0x55, 0x66);
  }

  @Test
  void a_jpeg_of_one_colour_keeps_it() throws IOException {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 256; i++) {
      image.setRGB(i % 16, i / 16, 0x646464);
    }
    Picture picture = Decoder.decode(bytes(image, "jpg"));
    for (byte value : picture.rgb()) {
      assertThat(value & 0xff).isBetween(99, 101);
    }
  }

  @Test
  void an_image_in_a_zip_is_read_by_a_path_through_it() throws IOException {
    BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0x010203);
    Path zip = folder.resolve("a.zip");
    try (OutputStream file = Files.newOutputStream(zip);
        ZipOutputStream entries = new ZipOutputStream(file)) {
      entries.putNextEntry(new ZipEntry("train/x/1.png"));
      entries.write(bytes(image, "png"));
    }
    assertThat(Picture.read(zip.resolve("train/x/1.png")).rgb()).containsExactly(1, 2, 3);
    assertThatThrownBy(() -> Picture.read(zip.resolve("train/x/2.png")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("a.zip/train/x/2.png")
        .hasMessageContaining("no such entry");
  }

  @Test
  void what_is_no_image_is_named_with_the_reason() throws IOException {
    byte[] png = bytes(new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB), "png");
    assertRefused(Arrays.copyOf(png, png.length / 2), "is no image that can be read");
    assertRefused(new byte[0], "an empty file");
    assertRefused("hello".getBytes(), "not an image of a known format");
    assertThatThrownBy(() -> Picture.read(folder.resolve("absent.png")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("absent.png: no such file");
  }

  @Test
  void an_image_too_large_for_any_memory_is_refused_before_it_is_decoded() throws IOException {
    byte[] png = bytes(new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB), "png");
    png[16] = 0x7f; // the width, after the signature and the header of IHDR
    java.util.zip.CRC32 sum = new java.util.zip.CRC32();
    sum.update(png, 12, 17);
    for (int i = 0; i < 4; i++) {
      png[29 + i] = (byte) (sum.getValue() >> (24 - 8 * i));
    }
    assertRefused(png, "is no image that can be read");
  }

  private void assertRefused(byte[] bytes, String reason) throws IOException {
    Path file = Files.write(folder.resolve("bad.png"), bytes);
    assertThatThrownBy(() -> Picture.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("bad.png")
        .hasMessageContaining(reason);
  }

  private static int[] decoded(BufferedImage image) throws IOException {
    byte[] rgb = Decoder.decode(bytes(image, "png")).rgb();
    int[] values = new int[rgb.length];
    for (int i = 0; i < rgb.length; i++) {
      values[i] = rgb[i] & 0xff;
    }
    return values;
  }

  private static byte[] bytes(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, out)).isTrue();
    return out.toByteArray();
  }
}
