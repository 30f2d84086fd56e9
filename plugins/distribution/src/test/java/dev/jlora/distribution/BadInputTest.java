package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.jlora.Jlora;
import dev.jlora.engine.Engine;
import dev.jlora.engine.steps.NonFiniteLossException;
import dev.jlora.host.Plugins;
import dev.jlora.io.FileException;
import dev.jlora.io.Json;
import dev.jlora.io.WriteException;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.Callback;
import dev.jlora.spi.TrainerState;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a user can get wrong ends a job with a sentence that says what and where. */
class BadInputTest {
  private static final String GOOD = "{\"text\": \"a good film\", \"label\": \"good\"}\n";

  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"text": "a film", "label": "meh"} | rows.jsonl:2: has the unknown label 'meh'; the 2 known ones are 'bad', 'good'
          {"text": "a film"}                 | rows.jsonl:2: has no column 'label'; its columns are ['text']
          {"words": "a", "label": "bad"}     | rows.jsonl:2: has no column 'text'; its columns are ['words', 'label']
          {"text": null, "label": "bad"}     | rows.jsonl:2: column 'text' is null, expected a value
          {"text": ["a"], "label": "bad"}    | rows.jsonl:2: column 'text' is '[a]', expected text
          {"text": "a film"                  | rows.jsonl:2: is not valid JSON
          """)
  void a_row_that_does_not_fit_is_named_with_its_line(String line, String expected) {
    long before = Tensor.live();
    assertThatThrownBy(() -> engine.train(job(GOOD + line + "\n" + GOOD)))
        .isInstanceOf(FileException.class)
        .hasMessageContaining(expected);
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(folder.resolve("out/adapter_model.safetensors")).doesNotExist();
  }

  @Test
  void rows_that_are_none_and_files_that_are_none_are_told() {
    assertThatThrownBy(() -> engine.train(job("\n"))).hasMessageContaining("has no rows");
    DataSpec absent = DataSpec.builder().train(folder.resolve("no.jsonl").toString()).build();
    assertThatThrownBy(() -> engine.train(job(GOOD).withData(absent)))
        .hasMessageContaining("no.jsonl")
        .hasMessageContaining("no such file");
  }

  /** Ways to damage a model's folder, and what is said of each. */
  enum Damage {
    NO_WEIGHTS("has no weights") {
      @Override
      void to(Path model) throws IOException {
        Files.delete(weights(model));
      }
    },
    PICKLED_ONLY("save_pretrained") {
      @Override
      void to(Path model) throws IOException {
        Files.move(weights(model), model.resolve("pytorch_model.bin"));
      }
    },
    TRUNCATED("truncated") {
      @Override
      void to(Path model) throws IOException {
        byte[] all = Files.readAllBytes(weights(model));
        Files.write(weights(model), Arrays.copyOf(all, all.length - 100));
      }
    },
    WRONG_HEADER_LENGTH("header") {
      @Override
      void to(Path model) throws IOException {
        byte[] all = Files.readAllBytes(weights(model));
        ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 99_000_000_000L);
        Files.write(weights(model), all);
      }
    },
    OTHER_SHAPE("bert.encoder.layer.0.intermediate.dense.weight") {
      @Override
      void to(Path model) {
        config(model, "intermediate_size", 96);
      }
    },
    LAYER_TOO_MANY("bert.encoder.layer.2.") {
      @Override
      void to(Path model) {
        config(model, "num_hidden_layers", 3);
      }
    },
    LAYER_TOO_FEW("bert.encoder.layer.1.") {
      @Override
      void to(Path model) {
        config(model, "num_hidden_layers", 1);
      }
    },
    UNKNOWN_FAMILY("'bort'") {
      @Override
      void to(Path model) {
        config(model, "model_type", "bort");
      }
    },
    NO_CONFIG("config.json") {
      @Override
      void to(Path model) throws IOException {
        Files.delete(model.resolve("config.json"));
      }
    },
    NO_TOKENIZER("tokenizer.json") {
      @Override
      void to(Path model) throws IOException {
        Files.delete(model.resolve("tokenizer.json"));
      }
    };

    private final String said;

    Damage(String said) {
      this.said = said;
    }

    abstract void to(Path model) throws IOException;

    static Path weights(Path model) {
      return model.resolve("model.safetensors");
    }

    static void config(Path model, String key, Object value) {
      var config = Json.readObject(model.resolve("config.json"));
      config.putPOJO(key, value);
      Json.write(model.resolve("config.json"), config);
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_damaged_model_is_told_and_costs_no_earlier_result(Damage damage) throws IOException {
    Path model = TinyBert.folder(folder.resolve("damaged"));
    damage.to(model);
    JobSpec job =
        new TinyJob(folder)
            .job("out", t -> t.overwrite(true))
            .withModel(ModelSpec.of(model.toString()));
    engine.train(new TinyJob(folder).job("out", t -> t.maxSteps(4)));
    Path earlier = folder.resolve("out/checkpoint-4");
    byte[] result = Files.readAllBytes(folder.resolve("out/adapter_model.safetensors"));
    long before = Tensor.live();
    assertThatThrownBy(() -> engine.train(job)).hasMessageContaining(damage.said);
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(earlier).isDirectory();
    assertThat(folder.resolve("out/adapter_model.safetensors")).hasBinaryContent(result);
  }

  @Test
  void an_architecture_that_the_family_has_not_is_told_with_those_it_has() {
    JobSpec job = job(GOOD);
    ModelSpec model = new ModelSpec(job.model().path(), job.model().precision(), "BertForPainting");
    assertThatThrownBy(() -> engine.train(job.withModel(model)))
        .hasMessageContaining("BertForPainting")
        .hasMessageContaining("BertForSequenceClassification");
  }

  @Test
  void a_rank_of_zero_is_refused_while_it_is_written_down() {
    assertThatThrownBy(() -> Jlora.lora().rank(0).build())
        .hasMessageContaining("lora.rank: got 0, expected 1 to 65536");
  }

  @Test
  void a_loss_that_is_no_number_names_its_step_and_leaves_the_checkpoint_as_it_was() {
    JobSpec job =
        new TinyJob(folder)
            .job("out", t -> t.save(Interval.steps(1)).maxGradNorm(0))
            .withOptimizer(OptimizerSpec.of("sgd", 1e30));
    Map<Path, byte[]> saved = new TreeMap<>();
    var remember =
        new Callback() {
          @Override
          public void onSave(TrainerState state, Path checkpoint) {
            saved.clear();
            saved.putAll(files(checkpoint));
          }
        };
    long before = Tensor.live();
    var failure =
        catchThrowableOfType(NonFiniteLossException.class, () -> engine.train(job, remember));
    assertThat(failure.step()).isPositive();
    Path last = folder.resolve("out/checkpoint-" + (failure.step() - 1));
    assertThat(failure)
        .hasMessageStartingWith("Step " + failure.step() + ": got a ")
        .hasMessageContaining("the last good checkpoint is " + last);
    assertThat(files(last)).hasSameSizeAs(saved).hasSizeGreaterThan(3);
    files(last).forEach((file, bytes) -> assertThat(bytes).isEqualTo(saved.get(file)));
    assertThat(folder.resolve("out/adapter_model.safetensors")).doesNotExist();
    assertThat(Tensor.live()).isEqualTo(before);
  }

  @Test
  void a_disk_that_fills_up_ends_the_run_with_whole_checkpoints_only() throws Exception {
    Path output = Files.createDirectory(folder.resolve("out"));
    Assumptions.assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=192k", "none", output.toString()),
        "a small file system cannot be mounted here");
    try {
      JobSpec job = new TinyJob(folder).job("out", t -> t.maxSteps(40).save(Interval.steps(1)));
      assertThatThrownBy(() -> engine.train(job))
          .isInstanceOf(WriteException.class)
          .hasMessageContaining("the disk is full");
      try (Stream<Path> left = Files.list(output)) {
        assertThat(left.filter(Files::isDirectory))
            .isNotEmpty()
            .allMatch(checkpoint -> files(checkpoint).size() == 5)
            .allMatch(checkpoint -> checkpoint.getFileName().toString().startsWith("checkpoint-"));
      }
      assertThat(output.resolve("adapter_model.safetensors")).doesNotExist();
    } finally {
      run("umount", output.toString());
    }
  }

  @Test
  void an_output_that_no_one_may_write_is_refused() {
    Assumptions.assumeTrue(Files.isDirectory(Path.of("/proc/self")), "no /proc on this system");
    JobSpec job = new TinyJob(folder).job("/proc/jlora-output", t -> t);
    assertThatThrownBy(() -> engine.train(job))
        .hasMessageContaining("/proc/jlora-output: could not be written")
        .hasMessageContaining("Choose an output folder");
  }

  private JobSpec job(String rows) {
    var tiny = new TinyJob(folder);
    DataSpec data = DataSpec.builder().train(tiny.rows("rows.jsonl", rows).toString()).build();
    TaskSpec task = TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, "good", "bad");
    return tiny.job(task, data, "out", t -> t.maxSteps(2));
  }

  /** The bytes of a folder's files by name. */
  private static Map<Path, byte[]> files(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      Map<Path, byte[]> bytes = new TreeMap<>();
      for (Path file : all.toList()) {
        bytes.put(file.getFileName(), Files.readAllBytes(file));
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false; // no such program
    }
  }
}
