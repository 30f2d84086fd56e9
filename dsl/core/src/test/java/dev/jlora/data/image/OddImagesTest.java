package dev.jlora.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.io.FormatException;
import dev.jlora.io.TooLargeException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that a reader of ImageIO answers for although it made pixels up, or took them amiss. */
@Timeout(60)
class OddImagesTest {
  /** Two pixels of inks, written by Pillow 12.3. */
  private static final String CMYK =
      "SUkqAAgAAAAKAAABBAABAAAAAgAAAAEBBAABAAAAAQAAAAIBAwAEAAAAhgAAAAMBAwABAAAAAQAAAAYB"
          + "AwABAAAABQAAABEBBAABAAAAjgAAABUBAwABAAAABAAAABYBBAABAAAAAQAAABcBBAABAAAACAAAABwB"
          + "AwABAAAAAQAAAAAAAAAIAAgACAAIAArIHij/AIBa";

  /** What Pillow's {@code convert("RGB")} makes of them. */
  private static final byte[] CMYK_RGB = {(byte) 207, 46, (byte) 190, 0, (byte) 165, 82};

  /** Two pixels of 32-bit floats. */
  private static final String FLOATS =
      "SUkqAAgAAAAKAAABBAABAAAAAgAAAAEBBAABAAAAAQAAAAIBAwABAAAAIAAAAAMBAwABAAAAAQAAAAYB"
          + "AwABAAAAAQAAABEBBAABAAAAhgAAABYBBAABAAAAAQAAABcBBAABAAAACAAAABwBAwABAAAAAQAAAFMB"
          + "AwABAAAAAwAAAAAAAAAAAMA/AABIQw==";

  /** Two pixels of 32-bit integers. */
  private static final String INTEGERS =
      "SUkqAAgAAAAKAAABBAABAAAAAgAAAAEBBAABAAAAAQAAAAIBAwABAAAAIAAAAAMBAwABAAAAAQAAAAYB"
          + "AwABAAAAAQAAABEBBAABAAAAhgAAABYBBAABAAAAAQAAABcBBAABAAAACAAAABwBAwABAAAAAQAAAFMB"
          + "AwABAAAAAgAAAAAAAAAPAAAAyAAAAA==";

  /** Two pixels of CIELab. */
  private static final String LAB =
      "SUkqAAgAAAALAAABBAABAAAAAgAAAAEBBAABAAAAAQAAAAIBAwADAAAAkgAAAAMBAwABAAAAAQAAAAYB"
          + "AwABAAAACAAAABEBBAABAAAA1AIAABUBAwABAAAAAwAAABYBBAABAAAAAQAAABcBBAABAAAABgAAABwB"
          + "AwABAAAAAQAAAHOHBwA8AgAAmAAAAAAAAAAIAAgACAAAAAI8bGNtcwIQAABhYnN0TGFiIExhYiAH6gAL"
          + "AB4ACgAjABdhY3NwQVBQTAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA9tYAAQAAAADTLWxjbXMAAAAA"
          + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAVkZXNjAAAAwAAAAJxjcHJ0"
          + "AAABXAAAACF3dHB0AAABgAAAABRjaGFkAAABlAAAACxBMkIwAAABwAAAAHxkZXNjAAAAAAAAABZMYWIg"
          + "aWRlbnRpdHkgYnVpbHQtaW4AAAAAAAAAABYATABhAGIAIABpAGQAZQBuAHQAaQB0AHkAIABiAHUAaQBs"
          + "AHQALQBpAG4AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          + "AAAAAAAAAAAAAAAAAAAAAAAAAAB0ZXh0AAAAAE5vIGNvcHlyaWdodCwgdXNlIGZyZWVseQAAAABYWVog"
          + "AAAAAAAA9tYAAQAAAADTLXNmMzIAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAQAA"
          + "bWZ0MgAAAAADAwIAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAQAAAAIAAgAA//8AAP//"
          + "AAD//wAAAAAAAAAAAAD//wAA//8AAAAA////////AAAAAP//AAD///////8AAP///////wAA//8AAP//"
          + "AAD//25DLm5DLg==";

  /** Two lossless pictures of two pixels. */
  private static final String ANIMATED =
      "UklGRoYAAABXRUJQVlA4WAoAAAACAAAAAQAAAAAAQU5JTQYAAAAAAAAAAABBTk1GKgAAAAAAAAAAAAEA"
          + "AAAAAAAAAAJWUDhMEQAAAC8BAAAAB1CFItej/4GI6H8AAEFOTUYoAAAAAAAAAAAAAQAAAAAAAAAAAFZQ"
          + "OEwQAAAALwEAAAAHUIWoR/8DEdH/AA==";

  @TempDir Path folder;

  @Test
  void inks_are_mixed_as_pillow_mixes_them() throws IOException {
    assertThat(Decoder.decode(Base64.getDecoder().decode(CMYK), true).rgb()).isEqualTo(CMYK_RGB);
  }

  @Test
  void pixels_of_another_meaning_are_refused() throws IOException {
    assertRefused(
        Base64.getDecoder().decode(FLOATS), "samples that are not integers of at most 16 bits");
    assertRefused(
        Base64.getDecoder().decode(INTEGERS), "samples that are not integers of at most 16 bits");
    assertRefused(Base64.getDecoder().decode(LAB), "unsupported colour type");
    assertRefused(Base64.getDecoder().decode(ANIMATED), "an animated WebP, which is not supported");
  }

  @Test
  void a_gif_whose_data_end_early_is_refused() throws IOException {
    byte[] gif = bytes("gif");
    assertThat(Decoder.decode(gif, true).width()).isEqualTo(40);
    int block = imageData(gif);
    int length = gif[block] & 0xff;
    byte[] ended = Arrays.copyOf(gif, block + length + 3); // one whole block, and the end
    ended[block + length + 1] = 0;
    ended[block + length + 2] = ';';
    assertRefused(ended, "truncated or damaged: its data end after ");
    for (int cut = block; cut < gif.length - 2; cut += 97) {
      assertRefused(Arrays.copyOf(gif, cut), "is not a readable image");
    }
  }

  @Test
  void a_gif_with_a_code_that_does_not_exist_is_refused() throws IOException {
    byte[] gif = bytes("gif");
    int block = imageData(gif);
    gif[block + 2] = (byte) 0xff; // of the second code: the table is all but empty there
    gif[block + 3] = (byte) 0xff;
    assertRefused(gif, "an invalid code after ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gif", "png"})
  void bytes_after_the_end_harm_no_pixel(String format) throws IOException {
    byte[] whole = bytes(format);
    byte[] padded = Arrays.copyOf(whole, whole.length + 100);
    assertThat(Decoder.decode(padded, true).rgb()).isEqualTo(Decoder.decode(whole, true).rgb());
  }

  @Test
  void a_palette_with_another_checksum_is_refused() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_INDEXED);
    var out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    byte[] png = out.toByteArray();
    assertThat(Decoder.decode(png, true).width()).isEqualTo(2);
    png[8 + 25 + 8] ^= 1; // the first red of PLTE, which follows IHDR
    assertRefused(png, "damaged: the checksum of its chunk PLTE is wrong");
  }

  /**
   * Mutants of a WebP of three by two pixels whose sizes and codes are other ones. The reader took
   * zeros for the bytes they lack, at the cost of an exception each: for minutes.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "5249464658000000574542505650384c4b0000002f02ffff000000000000a6edfef84319bfd150d3b60153f55c"
            + "fc0000006ab46d04f59bba953fc40371049236b0006bf776efba00be3f30a655ed6dd73b14ffff0000"
            + "eef539868be87fbc2300",
        "5249464658000000574542505650384c4b0000002f024061102fa0a06d1ba6edfef84319bfd150d3b60153f55c"
            + "fc611642d5b46d04f59bba953fc40371049236b0006bf776efba8bbe3f30a655ed6dd73b14b28d0087"
            + "eef5398600e87fbc2300"
      })
  @Timeout(10)
  void a_webp_is_not_read_beyond_its_end(String bytes) throws IOException {
    assertRefused(
        HexFormat.of().parseHex(bytes), "damaged: its pixels need more bytes than it has");
  }

  /** Two black pixels, written by ImageIO; the place of BitsPerSample is 2, inside the header. */
  @Test
  void a_message_of_a_reader_that_names_its_classes_is_replaced() throws IOException {
    byte[] tiff =
        Base64.getDecoder()
            .decode(
                "TU0AKgAAAAgADAEAAAMAAAABAAIAAAEBAAMAAAABAAEAAAECAAMAAAADAAAAAgEDAAMAAAABAAEAAAEG"
                    + "AAMAAAABAAIAAAERAAQAAAABAAAAuAEVAAMAAAABAAMAAAEWAAMAAAABAAEAAAEXAAQAAAABAAAA"
                    + "BgEaAAUAAAABAAAAqAEbAAUAAAABAAAAsAEoAAMAAAABAAEAAAAAAAAAAAAIAAgACAAAAAAAAQAA"
                    + "AAEAAAABAAAAAQAAAAAAAA==");
    assertRefused(tiff, "(damaged: its parts are inconsistent)");
  }

  @Test
  void a_zip_bomb_is_not_unpacked() throws IOException {
    Path zip = folder.resolve("bomb.zip");
    try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new ZipEntry("a/0.png"));
      out.write(new byte[100]);
      out.closeEntry();
    }
    byte[] bytes = Files.readAllBytes(zip);
    int directory = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - 6);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(directory + 24, 2_000_000_000);
    Files.write(zip, bytes);
    try (ImageFiles files = new ImageFiles(false)) {
      assertThatThrownBy(() -> files.read(zip.resolve("a/0.png")))
          .isInstanceOf(TooLargeException.class)
          .hasMessageContaining("bomb.zip/a/0.png: expands to more than 640 MiB");
    }
  }

  @Test
  void a_pipe_is_not_waited_for() throws Exception {
    Path pipe = folder.resolve("pipe.png");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor(9, TimeUnit.SECONDS))
        .isTrue();
    assertThatThrownBy(() -> Picture.read(pipe))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("pipe.png: is a pipe, expected a file");
    assertThatThrownBy(() -> Picture.read(Path.of("/dev/zero")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("/dev/zero: is a device, expected a file");
    assertThatThrownBy(() -> Picture.read(folder.resolve("none.png")))
        .hasMessageContaining("none.png: no such file");
  }

  /** Where the first block of a GIF's data is: its length, then its bytes. */
  private static int imageData(byte[] gif) {
    int at = 13 + (3 << ((gif[10] & 7) + 1));
    while (gif[at] != ',') {
      at++;
    }
    return at + 11 + ((gif[at + 9] & 0x80) == 0 ? 0 : 3 << ((gif[at + 9] & 7) + 1));
  }

  private static byte[] bytes(String format) throws IOException {
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_BYTE_GRAY);
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 40 * 30; i++) {
      image.getRaster().setSample(i % 40, i / 40, 0, random.nextInt(256));
    }
    var out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, out)).isTrue();
    return out.toByteArray();
  }

  private void assertRefused(byte[] bytes, String reason) throws IOException {
    Path file = Files.write(folder.resolve("bad.png"), bytes);
    assertThatThrownBy(() -> Picture.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("bad.png")
        .hasMessageContaining(reason);
  }
}
