package dev.jlora.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.data.image.Augmentation;
import dev.jlora.data.image.ImageProcessor;
import dev.jlora.io.FormatException;
import dev.jlora.io.TooLargeException;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageCollatorTest {
  @TempDir Path folder;
  private ImageProcessor processor;

  @BeforeEach
  void describe() throws IOException {
    Files.writeString(
        folder.resolve("preprocessor_config.json"),
        "{\"size\": 2, \"do_rescale\": false, \"do_normalize\": false}");
    processor = ImageProcessor.of(folder);
  }

  @Test
  void images_of_a_batch_lie_in_the_order_of_its_rows() throws IOException {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      examples.add(example(grey(i), i % 3));
    }
    try (HostBatch batch = collator(false).collate(examples, rows(20));
        Scope _ = Scope.open()) {
      Map<String, Tensor> tensors = batch.toTensors();
      assertThat(tensors.get("pixel_values").shape()).containsExactly(20, 3, 2, 2);
      float[] values = tensors.get("pixel_values").toFloats();
      for (int i = 0; i < values.length; i++) {
        assertThat(values[i]).isEqualTo(i / 12);
      }
      assertThat(tensors.get("labels").toLongs()).startsWith(0, 1, 2, 0, 1);
    }
  }

  @Test
  void a_corrupt_image_among_good_ones_is_named() throws IOException {
    List<Example> examples =
        List.of(example(grey(1), 0), example(corrupt("bad.png"), 1), example(grey(2), 1));
    assertThatThrownBy(() -> collator(false).collate(examples, rows(3)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("bad.png: is not a readable image")
        .hasMessageContaining("skip such images");
  }

  @Test
  void a_corrupt_image_is_skipped_where_that_is_wanted_and_counted_once() throws IOException {
    List<Example> examples =
        List.of(example(grey(1), 0), example(corrupt("bad.png"), 1), example(grey(2), 1));
    ImageCollator collator = collator(true);
    for (int i = 0; i < 2; i++) {
      try (HostBatch batch = collator.collate(examples, rows(3));
          Scope _ = Scope.open()) {
        assertThat(batch.rows().rows()).containsExactly(0, 2);
        assertThat(batch.rows().lastOfEpoch()).isTrue();
        assertThat(batch.toTensors().get("labels").toLongs()).containsExactly(0, 1);
      }
    }
    assertThat(collator.skipped()).isEqualTo(1);
  }

  @Test
  void an_image_that_does_not_fit_is_never_skipped_as_if_it_were_corrupt() throws IOException {
    byte[] png = Files.readAllBytes(grey(1));
    png[16] = 0x7f; // the width in IHDR: two thousand million pixels
    CRC32 sum = new CRC32();
    sum.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) sum.getValue());
    Path large = Files.write(folder.resolve("large.png"), png);
    List<Example> examples = List.of(example(grey(2), 0), example(large, 1));
    assertThatThrownBy(() -> collator(true).collate(examples, rows(2)))
        .isInstanceOf(TooLargeException.class)
        .hasMessageContaining("large.png: has 2,130,706,434 x 2 pixels")
        .hasMessageContaining("Scale it down");
  }

  @Test
  void a_batch_of_which_nothing_is_left_is_refused() throws IOException {
    List<Example> examples = List.of(example(corrupt("a.png"), 0), example(corrupt("b.png"), 0));
    assertThatThrownBy(() -> collator(true).collate(examples, rows(2)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("2 images, none of which can be read");
  }

  private ImageCollator collator(boolean skip) {
    return new ImageCollator(processor, Augmentation.NONE, /* upright= */ true, skip, 2);
  }

  private static BatchRows rows(int count) {
    int[] rows = new int[count];
    for (int i = 0; i < count; i++) {
      rows[i] = i;
    }
    return new BatchRows(0, 0, rows, true);
  }

  private static Example example(Path image, int label) {
    return Example.ofImage(image, new Target.ClassId(label), image.toString());
  }

  private Path grey(int value) throws IOException {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setPixels(0, 0, 2, 2, new int[] {value, value, value, value});
    Path file = folder.resolve(value + ".png");
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  private Path corrupt(String name) throws IOException {
    return Files.writeString(folder.resolve(name), "no image");
  }
}
