package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.data.BatchRows;
import dev.jlora.data.Example;
import dev.jlora.data.ImageCollator;
import dev.jlora.data.Target;
import dev.jlora.data.image.Augmentation;
import dev.jlora.data.image.ImageProcessor;
import dev.jlora.data.image.Picture;
import dev.jlora.engine.Engine;
import dev.jlora.engine.Predictor;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.ImagesSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.spi.Answer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Photos as people have them, with EXIF orientations, cut downloads and WebP, seen as transformers
 * sees them: {@code images/expected.json} holds its answers, and {@code images/make.py} made both.
 */
class PhotoFilesTest {
  private static final Path BASE = Path.of("src/test/resources/goldens/vit-imgcls/base");
  private static final Path IMAGES = Path.of("src/test/resources/images");
  private static final JsonNode EXPECTED = Json.readObject(IMAGES.resolve("expected.json"));

  /** Sums of FLOAT32 in another order. */
  private static final double TOLERANCE = 2e-6;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "exif1.jpg",
        "exif2.jpg",
        "exif3.jpg",
        "exif4.jpg",
        "exif5.jpg",
        "exif6.jpg",
        "exif7.jpg",
        "exif8.jpg",
        "exif5.png",
        "exif7.webp",
        "exif8.tif",
        "progressive.jpg"
      })
  void a_photo_is_seen_upright_or_as_stored_if_that_is_wanted(String name) {
    assertAnswer(name, "upright", ImagesSpec.Orientation.EXIF, TOLERANCE);
    assertAnswer(name, "stored", ImagesSpec.Orientation.STORED, TOLERANCE);
  }

  /** Two decoders of lossy WebP may differ by a rounding in the last of 8 bits. */
  @Test
  void a_lossy_webp_is_answered_for() {
    assertAnswer("lossy.webp", "upright", ImagesSpec.Orientation.EXIF, 5e-4);
  }

  private void assertAnswer(
      String name, String kind, ImagesSpec.Orientation orientation, double tolerance) {
    JsonNode expected = EXPECTED.path(name).path(kind);
    assertThat(expected.size()).isEqualTo(4);
    try (Predictor predictor = Predictor.open(Plugins.load(), job(orientation, "x"), null)) {
      Answer answer = predictor.predict(IMAGES.resolve(name).toString());
      for (int i = 0; i < 4; i++) {
        assertThat(answer.scores().get("LABEL_" + i))
            .isCloseTo(expected.get(i).doubleValue(), within(tolerance));
      }
    }
  }

  /** The same pixels, once turned by the tag and once stored turned, train to the same bits. */
  @Test
  void training_and_evaluation_see_photos_upright_too() throws IOException {
    for (String label : List.of("LABEL_0", "LABEL_2")) {
      Path tagged = Files.createDirectories(folder.resolve("tagged/" + label));
      Path upright = Files.createDirectories(folder.resolve("upright/" + label));
      int orientation = label.endsWith("0") ? 6 : 8;
      Files.copy(IMAGES.resolve("exif%d.jpg".formatted(orientation)), tagged.resolve("photo.jpg"));
      BufferedImage stored = ImageIO.read(IMAGES.resolve("exif6.jpg").toFile());
      ImageIO.write(turned(stored, orientation == 6), "png", upright.resolve("a.png").toFile());
    }
    Engine engine = new Engine(Plugins.load());
    Run tagged = engine.train(training("tagged"));
    Run upright = engine.train(training("upright"));
    assertThat(Interrupted.weights(tagged)).isEqualTo(Interrupted.weights(upright));
    assertThat(engine.evaluate(engine.job(tagged.adapter()), tagged.adapter()).metrics())
        .isEqualTo(engine.evaluate(engine.job(upright.adapter()), upright.adapter()).metrics());
  }

  private static BufferedImage turned(BufferedImage from, boolean clockwise) {
    int width = from.getWidth();
    int height = from.getHeight();
    BufferedImage to = new BufferedImage(height, width, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int column = clockwise ? height - 1 - y : y;
        int row = clockwise ? x : width - 1 - x;
        to.setRGB(column, row, from.getRGB(x, y));
      }
    }
    return to;
  }

  @Test
  void a_cut_photo_is_refused_by_name_or_skipped_by_option() throws IOException {
    for (String label : List.of("LABEL_0", "LABEL_2")) {
      Path of = Files.createDirectories(folder.resolve("photos/" + label));
      Files.copy(IMAGES.resolve("exif1.jpg"), of.resolve("whole.jpg"));
    }
    byte[] whole = Files.readAllBytes(IMAGES.resolve("progressive.jpg"));
    Path cut =
        Files.write(
            folder.resolve("photos/LABEL_0/cut.jpg"), Arrays.copyOf(whole, whole.length * 3 / 4));
    try (Predictor predictor =
        Predictor.open(Plugins.load(), job(ImagesSpec.Orientation.EXIF, "x"), null)) {
      assertThatThrownBy(() -> predictor.predict(cut.toString()))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("cut.jpg: is not a readable image (truncated");
    }
    Engine engine = new Engine(Plugins.load());
    assertThatThrownBy(() -> engine.train(training("photos")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("cut.jpg: is not a readable image (truncated");
    JobSpec job = training("photos");
    JobSpec skipping =
        job.withData(
            job.data().toBuilder().images(ImagesSpec.defaults().skippingCorrupt()).build());
    Run run = engine.train(skipping);
    assertThat(engine.evaluate(engine.job(run.adapter()), run.adapter()).rows()).isEqualTo(2);
  }

  @Test
  void a_picture_that_does_not_fit_into_the_heap_is_named_with_the_limit() throws Exception {
    Path large = folder.resolve("poster.png");
    ImageIO.write(
        new BufferedImage(12_000, 9_000, BufferedImage.TYPE_BYTE_BINARY), "png", large.toFile());
    Process child = ChildJvm.start(Reads.class, large.toString());
    try (InputStream out = child.getInputStream()) {
      assertThat(new String(out.readAllBytes(), StandardCharsets.UTF_8))
          .contains("poster.png: has 12,000 x 9,000 pixels", "Java's heap is limited to")
          .contains("Scale it down")
          .doesNotContain("can be read");
    }
    child.waitFor();
  }

  @Test
  void a_picture_that_cannot_be_resized_in_the_heap_is_named_and_not_skipped() throws Exception {
    Files.writeString(folder.resolve("preprocessor_config.json"), "{\"size\": 9000}");
    Path large = folder.resolve("wide.png");
    ImageIO.write(
        new BufferedImage(6_000, 6_000, BufferedImage.TYPE_BYTE_GRAY), "png", large.toFile());
    Process child = ChildJvm.start(Resizes.class, folder.toString(), large.toString());
    try (InputStream out = child.getInputStream()) {
      assertThat(new String(out.readAllBytes(), StandardCharsets.UTF_8))
          .contains("wide.png: has 6,000 x 6,000 pixels, too many to be resized in Java's heap");
    }
    child.waitFor();
  }

  /** Makes a batch of one image, in a process with a small heap. */
  static final class Resizes {
    public static void main(String[] arguments) {
      Path image = Path.of(arguments[1]);
      var collator =
          new ImageCollator(
              ImageProcessor.of(Path.of(arguments[0])), Augmentation.NONE, true, true, 1);
      try {
        collator
            .collate(
                List.of(Example.ofImage(image, Target.NONE, image.toString())),
                new BatchRows(0, 0, new int[] {0}, true))
            .close();
      } catch (RuntimeException e) {
        System.out.println(Objects.requireNonNull(e.getMessage()));
      }
    }
  }

  /** Each takes 150 MB of the 512 to decode, and six are asked for at once. */
  @Test
  void pictures_that_fit_one_at_a_time_are_decoded_one_at_a_time() throws Exception {
    Path large = folder.resolve("large.png");
    ImageIO.write(
        new BufferedImage(7_000, 7_000, BufferedImage.TYPE_BYTE_GRAY), "png", large.toFile());
    Process child = ChildJvm.start(ReadsSix.class, large.toString());
    try (InputStream out = child.getInputStream()) {
      assertThat(new String(out.readAllBytes(), StandardCharsets.UTF_8).lines())
          .hasSize(6)
          .containsOnly("7000");
    }
    child.waitFor();
  }

  /** Reads an image from six threads in a process with a small heap. */
  static final class ReadsSix {
    public static void main(String[] arguments) throws InterruptedException {
      try (var threads = Executors.newFixedThreadPool(6)) {
        for (int i = 0; i < 6; i++) {
          threads.execute(
              () -> {
                try {
                  System.out.println(Picture.read(Path.of(arguments[0])).width());
                } catch (RuntimeException e) {
                  System.out.println(e.getMessage());
                }
              });
        }
      }
    }
  }

  /** Reads an image in a process with a small heap. */
  static final class Reads {
    public static void main(String[] arguments) {
      try {
        Picture.read(Path.of(arguments[0]));
      } catch (RuntimeException e) {
        System.out.println(Objects.requireNonNull(e.getMessage()));
      }
    }
  }

  private JobSpec job(ImagesSpec.Orientation orientation, String rows) {
    return new JobSpec(
        ModelSpec.of(BASE.toString()),
        TaskSpec.of(TaskSpec.IMAGE_CLASSIFICATION),
        LoraSpec.builder().rank(2).alpha(4).build(),
        DataSpec.builder()
            .train(folder.resolve(rows).toString())
            .test(folder.resolve(rows).toString())
            .images(ImagesSpec.defaults().withOrientation(orientation))
            .build(),
        OptimizerSpec.of("adamw", 1e-2),
        ScheduleSpec.of("constant"),
        TrainingSpec.builder()
            .batch(2)
            .maxSteps(3)
            .threads(1)
            .output(folder.resolve("run-" + rows).toString())
            .build());
  }

  private JobSpec training(String rows) {
    return job(ImagesSpec.Orientation.EXIF, rows);
  }
}
