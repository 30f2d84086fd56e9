package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.engine.Engine;
import dev.jlora.engine.Merger;
import dev.jlora.engine.Predictor;
import dev.jlora.engine.benchmarks.BenchmarkSettings;
import dev.jlora.engine.benchmarks.StepBenchmark;
import dev.jlora.engine.benchmarks.StepReport;
import dev.jlora.engine.evaluation.Evaluation;
import dev.jlora.engine.jobs.Plan;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.ImagesSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.spi.Answer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs of a tiny ViT on squares of three colours. */
class ImageTrainingTest {
  private static final Path BASE = Path.of("src/test/resources/goldens/vit-imgcls/base");
  private static final List<String> COLOURS = List.of("blue", "green", "red");
  private static final int EACH = 8;

  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());
  private Path images;

  @BeforeEach
  void paint() throws IOException {
    images = folder.resolve("images");
    SplittableRandom random = new SplittableRandom(1);
    for (int c = 0; c < COLOURS.size(); c++) {
      Path of = Files.createDirectories(images.resolve(COLOURS.get(c)));
      for (int i = 0; i < EACH; i++) {
        BufferedImage image = new BufferedImage(20 + i, 30, BufferedImage.TYPE_INT_RGB);
        for (int p = 0; p < image.getWidth() * image.getHeight(); p++) {
          int colour = 0xA0 + random.nextInt(0x40) << (8 * c) | random.nextInt(0x40) << 8;
          image.setRGB(p % image.getWidth(), p / image.getWidth(), colour);
        }
        ImageIO.write(image, "png", of.resolve(i + ".png").toFile());
      }
    }
  }

  @Test
  void a_run_learns_its_classes_saves_the_head_and_answers_about_files() {
    Run run = engine.train(job("out", data(), 40));
    JobSpec job = engine.job(run.adapter());
    assertThat(job.task().labels()).isEqualTo(COLOURS);
    Evaluation evaluation = engine.evaluate(job, run.adapter());
    assertThat(evaluation.rows()).isEqualTo(COLOURS.size() * EACH);
    assertThat(evaluation.metrics()).containsEntry("accuracy", 1.0);

    var config = Json.readObject(run.adapter().resolve("adapter_config.json"));
    assertThat(config.path("task_type").isNull()).isTrue();
    assertThat(config.path("modules_to_save").toString()).isEqualTo("[\"classifier\"]");

    Path merged =
        new Merger(Plugins.load())
            .merge(job, run.adapter(), folder.resolve("merged"), false)
            .folder();
    String image = images.resolve("red/3.png").toString();
    try (Predictor adapted = Predictor.open(Plugins.load(), job, run.adapter());
        Predictor whole =
            Predictor.open(Plugins.load(), job.withModel(ModelSpec.of(merged.toString())), null)) {
      Answer answer = adapted.predict(image);
      assertThat(answer.label()).isEqualTo("red");
      assertThat(whole.predict(image).label()).isEqualTo("red");
      assertThat(answer.scores()).containsOnlyKeys("blue", "green", "red");
      assertThatThrownBy(() -> adapted.predict(folder.resolve("absent.png").toString()))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("absent.png: no such file");
    }
  }

  @Test
  void random_crops_and_flips_resume_to_the_same_bits() throws IOException {
    DataSpec data =
        data().toBuilder().images(ImagesSpec.defaults().withRandomCrop(0.3).withFlip()).build();
    Run whole = engine.train(job("whole", data, 10));
    assertThatThrownBy(() -> engine.train(job("killed", data, 10), Interrupted.failingAt(7)))
        .hasMessage("killed at step 7");
    JobSpec again = job("killed", data, 10);
    Run resumed = engine.train(again.withTraining(training("killed", 10).resume(true).build()));
    assertThat(Interrupted.weights(resumed)).isEqualTo(Interrupted.weights(whole));
    Run plain = engine.train(job("plain", data(), 10));
    assertThat(Interrupted.weights(plain)).isNotEqualTo(Interrupted.weights(whole));
  }

  @Test
  void a_corrupt_image_is_refused_by_name_or_skipped_by_option() throws IOException {
    Files.writeString(images.resolve("green/bad.png"), "no image");
    assertThatThrownBy(() -> engine.train(job("out", data(), 20)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("bad.png: is not a readable image");
    DataSpec skipping = data().toBuilder().images(ImagesSpec.defaults().skippingCorrupt()).build();
    Run run = engine.train(job("skipping", skipping, 20));
    Evaluation evaluation = engine.evaluate(engine.job(run.adapter()), run.adapter());
    assertThat(evaluation.rows()).isEqualTo(COLOURS.size() * EACH);
  }

  @Test
  void a_label_that_is_none_of_the_task_is_named_or_left_out_by_option() {
    JobSpec two = job("out", data(), 4, "blue", "red");
    assertThatThrownBy(() -> engine.train(two))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("green")
        .hasMessageContaining("unknown label 'green'");
    DataSpec only = data().toBuilder().onlyLabels().build();
    JobSpec job = job("only", only, 4, "blue", "red");
    assertThat(engine.plan(job).notes()) // said in the plan, and nowhere else
        .contains(
            "%s: kept 16 of 24 rows, those with the labels [blue, red]"
                .formatted(job.data().train()));
    Run run = engine.train(job);
    Evaluation evaluation = engine.evaluate(engine.job(run.adapter()), run.adapter());
    assertThat(evaluation.rows()).isEqualTo(2 * EACH);
  }

  @Test
  void another_size_than_the_model_s_own_trains_through_interpolated_positions() {
    DataSpec larger = data().toBuilder().images(ImagesSpec.defaults().withSize(48)).build();
    assertThat(engine.train(job("out", larger, 3)).steps()).isEqualTo(3);
  }

  @Test
  void a_table_with_paths_plans_as_a_folder_does() throws IOException {
    Path table = Files.writeString(folder.resolve("rows.csv"), rows());
    DataSpec data = DataSpec.builder().train(table.toString()).image("file").label("kind").build();
    Plan plan = engine.plan(job("out", data, 4));
    assertThat(plan.labels()).isEqualTo(COLOURS);
    assertThat(plan.targets()).hasSize(4).contains("vit.encoder.layer.0.attention.attention.query");
    assertThat(engine.train(job("out", data, 4)).steps()).isEqualTo(4);
  }

  @Test
  void a_training_step_on_images_is_measured_against_its_floor() {
    StepReport report =
        new StepBenchmark(Plugins.load())
            .run(
                new BenchmarkSettings(
                    BASE.toString(),
                    TaskSpec.IMAGE_CLASSIFICATION,
                    2,
                    1,
                    Precision.FP32,
                    LoraSpec.builder().build(),
                    2,
                    7));
    assertThat(report.stepSeconds()).isPositive();
    assertThat(report.floorSeconds()).isPositive();
    assertThat(report.length()).isEqualTo(1 + 16);
  }

  private static String rows() {
    StringBuilder rows = new StringBuilder("file,kind\n");
    for (String colour : COLOURS) {
      for (int i = 0; i < EACH; i++) {
        rows.append("images/%s/%d.png,%s\n".formatted(colour, i, colour));
      }
    }
    return rows.toString();
  }

  private DataSpec data() {
    return DataSpec.builder().train(images.toString()).test(images.toString()).build();
  }

  private JobSpec job(String output, DataSpec data, int steps, String... labels) {
    return new JobSpec(
        ModelSpec.of(BASE.toString()),
        TaskSpec.of(TaskSpec.IMAGE_CLASSIFICATION, labels),
        LoraSpec.builder().rank(4).alpha(8).build(),
        data,
        OptimizerSpec.of("adamw", 1e-2),
        ScheduleSpec.of("constant"),
        training(output, steps).build());
  }

  private TrainingSpec.Builder training(String output, int steps) {
    return TrainingSpec.builder()
        .batch(6)
        .maxSteps(steps)
        .evaluate(Interval.never())
        .save(Interval.steps(4))
        .threads(1)
        .output(folder.resolve(output).toString());
  }
}
