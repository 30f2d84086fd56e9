package dev.jlora.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.io.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageProcessorTest {
  @TempDir Path folder;

  @Test
  void values_are_rescaled_and_normalized_with_channels_first() {
    ImageProcessor processor =
        processor(
            """
            {"size": {"height": 1, "width": 2}, "image_mean": [0, 0.5, 0.25],
             "image_std": [1, 0.5, 0.25]}
            """);
    float[] values =
        processor.pixels(new Picture(2, 1, new byte[] {0, 0, 0, (byte) 255, (byte) 255, 51}));
    assertThat(values).hasSize(6);
    assertThat(values[0]).isZero();
    assertThat(values[1]).isCloseTo(1, within(1e-6f));
    assertThat(values[2]).isCloseTo(-1, within(1e-6f));
    assertThat(values[3]).isCloseTo(1, within(1e-6f));
    assertThat(values[4]).isCloseTo(-1, within(1e-6f));
    assertThat(values[5]).isCloseTo(-0.2f, within(1e-6f));
  }

  @Test
  void steps_that_are_switched_off_are_left_out() {
    ImageProcessor processor =
        processor(
            """
            {"size": 2, "do_rescale": false, "do_normalize": false, "do_resize": false}
            """);
    byte[] bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    assertThat(processor.pixels(new Picture(2, 2, bytes)))
        .containsExactly(1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12);
    assertThatThrownBy(() -> processor.pixels(Picture.blank(3, 2)))
        .hasMessageContaining("3 x 2 pixels, expected 2 x 2");
  }

  @Test
  void the_shortest_edge_is_resized_and_the_middle_cut_out() {
    ImageProcessor processor =
        processor(
            """
            {"size": {"shortest_edge": 4}, "do_center_crop": true, "crop_size": 2,
             "do_rescale": false, "do_normalize": false, "resample": 0}
            """);
    Picture wide = Picture.blank(16, 8);
    for (int y = 0; y < 8; y++) {
      for (int x = 0; x < 16; x++) {
        wide.rgb()[(y * 16 + x) * 3] = (byte) x;
      }
    }
    assertThat(processor.height()).isEqualTo(2);
    assertThat(processor.pixels(wide)).startsWith(7, 9, 7, 9, 0, 0); // columns 3 and 4 of 8
  }

  @Test
  void a_strip_is_not_resized_to_more_pixels_than_memory_holds() {
    ImageProcessor processor =
        processor(
            """
            {"size": {"shortest_edge": 8000}, "do_center_crop": true, "crop_size": 8}
            """);
    assertThatThrownBy(() -> processor.pixels(Picture.blank(9000, 2)))
        .hasMessageContaining("has 9,000 x 2 pixels")
        .hasMessageContaining("36,000,000 x 8,000");
  }

  @Test
  void a_folder_without_the_file_gets_what_transformers_does_for_vit() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{\"image_size\": 6}");
    ImageProcessor processor = ImageProcessor.of(folder);
    assertThat(processor.width()).isEqualTo(6);
    assertThat(processor.pixels(Picture.blank(3, 9))).containsOnly(-1).hasSize(3 * 36);
    assertThat(processor.withSize(8).height()).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          {"size": {"longest_edge": 4}}; size is {"longest_edge":4}
          {"size": {"shortest_edge": 4}}; without do_center_crop
          {"size": 4, "resample": 9}; resample is 9
          {"size": 4, "image_std": [1, 0, 1]}; image_std is [1,0,1]
          {"size": 4, "image_mean": [1]}; image_mean is [1]
          {"size": 2147483647}; size is 2147483647, expected a number of pixels
          {"size": 2147483648}; each 1 to 16,384
          {"size": {"height": 1e300, "width": 4}}; size is {"height":1.0E300
          {"size": {"height": 4, "width": -4}}; size is {"height":4,"width":-4}
          {"size": 4, "do_center_crop": true, "crop_size": 65536}; crop_size is 65536
          {"size": 4, "rescale_factor": 1e300}; rescale_factor is 1.0E300
          {"size": 4, "rescale_factor": "x"}; 'rescale_factor' is "x"
          {"size": 4, "image_mean": [1e300, 0, 0]}; image_mean is [1.0E300,0,0]
          {"size": 4, "image_std": [1, 1, 1e-300]}; image_std is [1,1,1.0E-300]
          {"size": 4, "resample": 2147483648}; resample
          """)
  void what_makes_no_sense_is_refused(String json, String reason) {
    assertThatThrownBy(() -> processor(json))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("preprocessor_config.json")
        .hasMessageContaining(reason);
  }

  @Test
  void random_changes_depend_on_seed_epoch_and_row_alone() {
    ImageProcessor processor = processor("{\"size\": 8}");
    Picture picture = Picture.blank(20, 20);
    for (int i = 0; i < picture.rgb().length; i++) {
      picture.rgb()[i] = (byte) (i * 31);
    }
    Augmentation changes = new Augmentation(0.3, true, 7);
    float[] first = processor.pixels(picture, changes.draw(1, 5));
    assertThat(processor.pixels(picture, changes.draw(1, 5))).isEqualTo(first).hasSize(3 * 64);
    assertThat(processor.pixels(picture, changes.draw(2, 5))).isNotEqualTo(first);
    assertThat(processor.pixels(picture, changes.draw(1, 6))).isNotEqualTo(first);
    assertThat(processor.pixels(picture, new Augmentation(0.3, true, 8).draw(1, 5)))
        .isNotEqualTo(first);
  }

  @Test
  void every_other_image_is_mirrored() {
    ImageProcessor processor = processor("{\"size\": {\"height\": 1, \"width\": 2}}");
    Picture picture = new Picture(2, 1, new byte[] {0, 0, 0, 100, 100, 100});
    float[] plain = processor.pixels(picture);
    int flipped = 0;
    for (int row = 0; row < 400; row++) {
      float[] drawn = processor.pixels(picture, new Augmentation(null, true, 1).draw(0, row));
      flipped += drawn[0] == plain[1] ? 1 : 0;
    }
    assertThat(flipped).isBetween(150, 250);
  }

  private ImageProcessor processor(String json) {
    try {
      Files.writeString(folder.resolve("preprocessor_config.json"), json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ImageProcessor.of(folder);
  }
}
