package dev.jlora.distribution;

import static dev.jlora.distribution.TypedLine.jlora;
import static dev.jlora.distribution.TypedLine.piped;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.engine.Engine;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.spec.JobSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs as a user types them, from training to what is done with the run. */
class TypedJobsTest {
  private static final String ROWS =
      "{\"text\": \"a good film\", \"label\": \"good\"}\n"
          + "{\"text\": \"a bad film\", \"label\": \"bad\"}\n";

  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());

  private String trained(String output) {
    return engine.train(new TinyJob(folder).job(output, t -> t.maxSteps(2))).adapter().toString();
  }

  private String base() {
    return TinyBert.folder(folder.resolve("base")).toString();
  }

  private String rows() {
    return new TinyJob(folder).rows("rows.jsonl", ROWS).toString();
  }

  @Test
  void training_on_from_an_adapter_with_rows_in_the_order_of_the_file() throws IOException {
    String start = trained("first");
    byte[] one = trainedOn(start, "1", "--no-shuffle");
    assertThat(one).isEqualTo(trainedOn(start, "2", "--no-shuffle"));
    assertThat(trainedOn(start, "1", "--shuffle")).isNotEqualTo(trainedOn(start, "2", "--shuffle"));
    assertThat(one).isNotEqualTo(Files.readAllBytes(weights(Path.of(start))));
  }

  /** The weights after four steps; the run's job says what was typed. */
  private byte[] trainedOn(String start, String seed, String order) throws IOException {
    Path output = folder.resolve("on-" + seed + order);
    jlora(
            "train",
            "--model",
            base(),
            "--adapter",
            start,
            "--train",
            new TinyJob(folder).reviews(24).train(),
            "--shuffle-seed",
            seed,
            order,
            "--max-steps",
            "4",
            "--output",
            output.toString())
        .said();
    JobSpec job = engine.job(output);
    assertThat(job.model().adapter()).isEqualTo(start);
    assertThat(job.data().shuffle()).isEqualTo(order.equals("--shuffle"));
    return Files.readAllBytes(weights(output));
  }

  private static Path weights(Path run) {
    return run.resolve("adapter_model.safetensors");
  }

  @Test
  void settings_beside_the_adapter_to_start_from_are_told_in_the_options_that_were_typed() {
    String start = trained("first");
    assertThat(
            jlora("plan", "--model", base(), "--adapter", start, "--train", rows(), "--rank", "16")
                .complaint())
        .contains(
            "--rank: the saved adapter has 4, the job says 16",
            "\nLeave the settings of the adapter out",
            "without --adapter.");
  }

  @Test
  void base_names_the_folder_of_the_model_and_alone_leaves_the_adapter_out() throws IOException {
    String run = trained("out");
    String plain = jlora("eval", run, "--test", rows(), "--without-adapter", "--json").said();
    String alone = jlora("eval", run, "--test", rows(), "--base", "--json").said();
    assertThat(loss(alone)).isEqualTo(loss(plain));

    String with = jlora("eval", run, "--test", rows(), "--json").said();
    String moved = Files.move(folder.resolve("base"), folder.resolve("moved")).toString();
    assertThat(jlora("predict", run, "a good film").complaint()).contains("--base DIR");
    assertThat(jlora("predict", run, "a good film", "--base", moved).said())
        .contains("a good film");
    String there = jlora("eval", run, "--test", rows(), "--base", moved, "--json").said();
    assertThat(loss(there)).isEqualTo(loss(with)).isNotEqualTo(loss(plain));
  }

  private static double loss(String json) {
    return Json.object(json, "figures").path("eval_loss").doubleValue();
  }

  @Test
  void json_is_one_array_whatever_is_asked() throws IOException {
    String run = trained("out");
    JsonNode rows = array("predict", run, "--rows", rows(), "--json");
    assertThat(rows).hasSize(2);
    assertThat(rows.get(1).path("row").path("text").asText()).isEqualTo("a bad film");
    assertThat(rows.get(1).path("scores").fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("bad", "good");

    JsonNode vectors = array("predict", run, "a film", "bad", "--features", "mean", "--json");
    assertThat(vectors).hasSize(2).allMatch(vector -> vector.isArray() && vector.size() == 32);
    assertThat(jlora("predict", run, "a film", "bad", "--features", "mean").said().lines())
        .hasSize(2)
        .first()
        .isEqualTo(vectors.get(0).toString());
    JsonNode texts = array("predict", run, "a good film", "--json");
    assertThat(texts.get(0).path("label").asText()).isIn("bad", "good");
  }

  private static JsonNode array(String... arguments) throws IOException {
    JsonNode read = Json.mapper().readTree(jlora(arguments).said());
    assertThat(read.isArray()).isTrue();
    return read;
  }

  @Test
  void a_job_is_piped_in_with_options_over_it() {
    String json = new TinyJob(folder).job("out", t -> t.maxSteps(2)).json();
    assertThat(piped(json, "plan", "-", "--rank", "2", "--print").said())
        .contains("\"rank\" : 2")
        .contains("\"max_steps\" : 2");
    assertThat(piped("{\"model\": 1", "plan", "-").complaint())
        .startsWith("jlora: standard input: is not valid JSON at line 1");
    assertThat(piped("{\"modle\": 1}", "plan", "-").complaint())
        .startsWith("jlora: standard input: is not a job:\n")
        .doesNotContain(" \n");
  }

  @Test
  void a_run_in_place_of_its_job_is_told_which_file_that_is() {
    String run = trained("out");
    assertThat(jlora("train", run).complaint())
        .isEqualTo(
            "jlora: %s: is a folder, expected a file with a job as JSON. Name %s.%n"
                .formatted(run, Path.of(run, "job.json")));
    assertThat(jlora("train", base()).complaint()).contains("as JSON. Name a file.");
    assertThat(jlora("train", "--model", base(), "--train", rows(), "--output", run).complaint())
        .contains("set --resume to continue that run, or --overwrite to replace it");
  }

  @Test
  void a_column_that_is_not_there_leads_to_the_options_that_name_columns() {
    Path table = new TinyJob(folder).rows("t.csv", "headline,topic\na film,good\n");
    assertThat(jlora("plan", "--model", base(), "--train", table.toString()).complaint())
        .isEqualTo(
            ("jlora: %s:2: has no column 'label'; its columns are ['headline', 'topic']. Name the"
                    + " right ones in data.columns (--text, --label and the like); if the file has"
                    + " no header line, name its columns in --header.%n")
                .formatted(table));
  }

  @Test
  void control_characters_of_labels_do_not_reach_the_terminal_by_a_plan() {
    String row = "{\"text\": \"a film\", \"label\": \"%s\"}%n";
    Path rows =
        new TinyJob(folder)
            .rows("odd.jsonl", row.formatted("\\u001b[2Jred") + row.formatted("bl\\nue"));
    assertThat(jlora("plan", "--model", base(), "--train", rows.toString()).said())
        .contains("[\\u001b[2Jred, bl\\nue]")
        .doesNotContain("\u001b");
  }

  @Test
  void a_blank_text_of_which_the_tokenizer_makes_no_token_is_named() {
    String model = TinyGpt.folder(folder.resolve("gpt")).toString();
    Path rows =
        new TinyJob(folder)
            .rows(
                "blank.jsonl",
                "{\"text\": \"one two\", \"label\": \"a\"}\n{\"text\": \" \", \"label\": \"b\"}\n");
    List<String> typed =
        List.of(
            "train",
            "--model",
            model,
            "--train",
            rows.toString(),
            "--task",
            "sequence-classification",
            "--targets",
            "c_attn",
            "--output",
            folder.resolve("out").toString());
    assertThat(jlora(typed.toArray(String[]::new)).complaint())
        .contains(
            rows
                + ":2: has a blank text, of which this tokenizer makes no token at all. Fill or"
                + " drop the row.");
    assertThat(jlora("generate", model, "").complaint()).contains("prompt 1: got no token");
  }
}
