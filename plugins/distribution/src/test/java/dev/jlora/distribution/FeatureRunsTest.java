package dev.jlora.distribution;

import static dev.jlora.Jlora.causalLm;
import static dev.jlora.Jlora.data;
import static dev.jlora.Jlora.finetune;
import static dev.jlora.Jlora.imageClassification;
import static dev.jlora.Jlora.imageFolder;
import static dev.jlora.Jlora.lora;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.cli.Main;
import dev.jlora.io.Json;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.Callback;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Vectors from inside what a run trained, on the command line: encoders, decoders, images. */
class FeatureRunsTest {
  @TempDir Path folder;
  private final StringWriter complaints = new StringWriter();

  @Test
  void an_encoder_gives_its_mean_its_first_and_its_last_token() {
    Path rows = new TinyJob(folder).rows("rows.jsonl", TinyBert.reviews(8));
    TaskSpec task = TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION);
    String run = trained(TinyBert.folder(folder.resolve("bert")), task, data(rows.toString()));
    hasThreeKindsOfVectors(run, "good film");
    Path file = new TinyJob(folder).rows("more.jsonl", "{\"text\": \"good film\"}\n");
    assertThat(vectors(run, "cls", "--rows", file.toString()))
        .isEqualTo(vectors(run, "cls", "good film"));
  }

  @Test
  void a_decoder_does_too_and_its_last_token_has_seen_the_text() {
    Path rows = new TinyJob(folder).rows("rows.jsonl", "{\"text\": \"one two three\"}\n");
    DataSpec.Builder data = data(rows.toString()).maxLength(8);
    String run = trained(TinyGpt.folder(folder.resolve("gpt")), causalLm(), data);
    hasThreeKindsOfVectors(run, "one two");
    // one token is first, last and mean; it does not see what comes after it
    List<Double> alone = vectors(run, "mean", "one").getFirst();
    assertThat(alone).isEqualTo(vectors(run, "last", "one").getFirst());
    assertClose(vectors(run, "cls", "one two").getFirst(), alone);
    // a shorter text beside it changes nothing: padding is not the last token
    List<List<Double>> both = vectors(run, "last", "one two three", "one");
    assertClose(both.get(1), alone);
  }

  @Test
  void a_model_as_it_is_has_vectors_too() {
    Path model = TinyGpt.folder(folder.resolve("gpt"));
    Path job =
        new TinyJob(folder)
            .rows(
                "job.json",
                """
                {"model": {"path": "%s"}, "task": {"name": "feature-extraction-last"},
                 "data": {"train": "none.jsonl"}, "adapter": null}
                """
                    .formatted(model));
    var out = new StringWriter();
    CommandLine line = Main.commandLine().setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(complaints));
    int code = line.execute("predict", model.toString(), "one two", "--job", job.toString());
    assertThat(code).as(complaints.toString()).isZero();
    assertThat(vector(out.toString())).hasSize(32).allMatch(Double::isFinite);
  }

  @Test
  void images_have_vectors_of_their_patches() throws IOException {
    for (String colour : List.of("red", "blue")) {
      Path of = Files.createDirectories(folder.resolve("images").resolve(colour));
      BufferedImage image = new BufferedImage(24, 24, BufferedImage.TYPE_INT_RGB);
      image.setRGB(3, 4, colour.equals("red") ? 0xFF0000 : 0x0000FF);
      ImageIO.write(image, "png", of.resolve("one.png").toFile());
    }
    Path base = Path.of("src/test/resources/goldens/vit-imgcls/base");
    DataSpec.Builder data = imageFolder(folder.resolve("images").toString());
    String run = trained(base, imageClassification(), data);
    String image = folder.resolve("images/red/one.png").toString();
    List<Double> mean = vectors(run, "mean", image).getFirst();
    assertThat(mean).hasSizeGreaterThan(4);
    assertThat(vectors(run, "cls", image).getFirst()).hasSameSizeAs(mean).isNotEqualTo(mean);
    Path table = new TinyJob(folder).rows("some.csv", "image,note\nimages/red/one.png,a dot\n");
    assertThat(vectors(run, "mean", "--rows", table.toString())).containsExactly(mean);
    assertThat(execute(run, "last", image)).isNull();
    assertThat(complaints.toString()).contains("image-feature-extraction-last");
  }

  private void hasThreeKindsOfVectors(String run, String text) {
    List<Double> mean = vectors(run, "mean", text).getFirst();
    assertThat(mean).hasSizeGreaterThan(4).allMatch(Double::isFinite);
    List<Double> first = vectors(run, "cls", text).getFirst();
    List<Double> last = vectors(run, "last", text).getFirst();
    assertThat(first).hasSameSizeAs(mean).isNotEqualTo(mean).isNotEqualTo(last);
    assertThat(last).hasSameSizeAs(mean).isNotEqualTo(mean);
  }

  private static void assertClose(List<Double> found, List<Double> expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.get(i))
          .isCloseTo(expected.get(i), org.assertj.core.api.Assertions.within(1e-5));
    }
  }

  /** One step: vectors are there whatever was learnt. */
  private String trained(Path model, TaskSpec task, DataSpec.Builder data) {
    String output = folder.resolve("out").toString();
    finetune(model)
        .task(task)
        .adapter(lora().rank(2).allLinear())
        .data(data)
        .train(t -> t.maxSteps(1).batch(2).threads(1).output(output))
        .run(new Callback() {});
    return output;
  }

  private List<List<Double>> vectors(String run, String pooling, String... inputs) {
    String said = execute(run, pooling, inputs);
    assertThat(said).as(complaints.toString()).isNotNull();
    return said.lines().map(FeatureRunsTest::vector).toList();
  }

  private static List<Double> vector(String line) {
    List<Double> values = new ArrayList<>();
    Json.object("{\"v\": " + line + "}", "a line").path("v").forEach(v -> values.add(v.asDouble()));
    return values;
  }

  /** What the command prints; null if it fails. */
  private String execute(String run, String pooling, String... inputs) {
    List<String> arguments = new ArrayList<>(List.of("predict", run));
    Collections.addAll(arguments, inputs);
    Collections.addAll(arguments, "--features", pooling);
    var out = new StringWriter();
    CommandLine line = Main.commandLine().setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(complaints));
    return line.execute(arguments.toArray(String[]::new)) == 0 ? out.toString() : null;
  }
}
