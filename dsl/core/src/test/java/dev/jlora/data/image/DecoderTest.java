package dev.jlora.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.io.FormatException;
import dev.jlora.io.TooLargeException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.SplittableRandom;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of pixel that a PNG may hold, as PIL's convert("RGB") gives it. */
class DecoderTest {
  /** Three by two pixels with alpha, lossless, written by Pillow 12.3. */
  private static final String WEBP =
      "UklGRlgAAABXRUJQVlA4TEsAAAAvAkAAEC+goG0bpu3++EMZv9FQ07YBU/Vc/GEWQtW0bQT1m7qVP8QDcQSSNrAAa/d2"
          + "77oAvj8wplXtbdc7FLKNAIfu9TmGi+h/vCMA";

  /** Its {@code Image.open(...).convert("RGB").tobytes()}. */
  private static final byte[] WEBP_RGB = {
    1, 2, 3, (byte) 250, 20, 30, 7, (byte) 200, 9, 0, 0, (byte) 255, 11, 12, 13, -1, -1, -1
  };

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
    Picture picture = Decoder.decode(bytes(image, "jpg"), true);
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
    assertRefused(Arrays.copyOf(png, png.length / 2), "is not a readable image");
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
    Path file = Files.write(folder.resolve("large.png"), png);
    assertThatThrownBy(() -> Picture.read(file))
        .isInstanceOf(TooLargeException.class)
        .hasMessageContaining("large.png: has 2,130,706,436 x 4 pixels")
        .hasMessageContaining("expected 178,956,970 pixels at most")
        .hasMessageNotContaining("can be read");
  }

  /** libjpeg fills what is missing and only warns; PIL says "image file is truncated". */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_cut_jpeg_is_refused_wherever_it_was_cut(boolean progressive) throws IOException {
    byte[] jpeg = jpeg(progressive);
    for (int percent : new int[] {10, 30, 55, 80, 95}) {
      assertRefused(Arrays.copyOf(jpeg, jpeg.length * percent / 100), "is not a readable image");
    }
    for (int missing : new int[] {1, 2, 3, 9, 40}) {
      assertRefused(Arrays.copyOf(jpeg, jpeg.length - missing), "truncated");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void damage_that_leaves_made_up_pixels_is_refused(boolean progressive) throws IOException {
    byte[] jpeg = jpeg(progressive);
    byte[] endedEarly = Arrays.copyOf(jpeg, jpeg.length * 6 / 10);
    endedEarly[endedEarly.length - 2] = (byte) 0xff;
    endedEarly[endedEarly.length - 1] = (byte) 0xd9;
    assertRefused(endedEarly, "premature end of data segment");
  }

  /** PIL reads these without a word, and to the same pixels. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bytes_too_many_harm_no_pixel_of_a_jpeg(boolean progressive) throws IOException {
    byte[] jpeg = jpeg(progressive);
    byte[] pixels = Decoder.decode(jpeg, true).rgb();
    byte[] longer = Arrays.copyOf(jpeg, jpeg.length + 3);
    assertThat(Decoder.decode(longer, true).rgb()).isEqualTo(pixels);
    byte[] padded = Arrays.copyOf(jpeg, jpeg.length + 4);
    padded[jpeg.length - 2] = 0;
    padded[jpeg.length - 1] = 1;
    padded[padded.length - 2] = (byte) 0xff;
    padded[padded.length - 1] = (byte) 0xd9;
    assertThat(Decoder.decode(padded, true).rgb()).isEqualTo(pixels);
  }

  @Test
  void a_cut_webp_is_refused() throws IOException {
    byte[] webp = Base64.getDecoder().decode(WEBP);
    assertThat(Decoder.decode(webp, true).rgb()).hasSize(WEBP_RGB.length).isEqualTo(WEBP_RGB);
    for (int missing : new int[] {1, 2, 9, 20}) {
      assertRefused(Arrays.copyOf(webp, webp.length - missing), "truncated");
    }
  }

  private static byte[] jpeg(boolean progressive) throws IOException {
    BufferedImage image = new BufferedImage(72, 50, BufferedImage.TYPE_INT_RGB);
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 72 * 50; i++) {
      image.setRGB(i % 72, i / 72, (i * 37 & 0xff) << 16 | (i / 72 * 5) << 8 | random.nextInt(99));
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      ImageWriteParam options = writer.getDefaultWriteParam();
      options.setProgressiveMode(
          progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, null), options);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  private void assertRefused(byte[] bytes, String reason) throws IOException {
    Path file = Files.write(folder.resolve("bad.png"), bytes);
    assertThatThrownBy(() -> Picture.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("bad.png")
        .hasMessageContaining(reason);
  }

  private static int[] decoded(BufferedImage image) throws IOException {
    byte[] rgb = Decoder.decode(bytes(image, "png"), true).rgb();
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
