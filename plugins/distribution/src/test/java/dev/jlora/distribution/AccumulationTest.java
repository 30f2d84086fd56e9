package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.engine.Engine;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A step over the same rows has one loss and one gradient, however they are cut into micro-batches:
 * the mean over all rows, words or tokens.
 */
class AccumulationTest {
  private static final Path GOLDENS = Path.of("src/test/resources/goldens");
  private static final double CLOSE = 2e-6;

  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());

  /** Tasks with three rows that hold different numbers of items. */
  enum Rows {
    WORDS("bert-tokencls", TaskSpec.TOKEN_CLASSIFICATION) {
      @Override
      List<Map<String, ?>> rows() {
        return List.of(
            words(List.of("film"), List.of("LABEL_1")),
            words(
                List.of("the", "plot", "was", "very", "good"),
                List.of("LABEL_0", "LABEL_1", "LABEL_2", "LABEL_0", "LABEL_1")),
            words(List.of("a", "film"), List.of("LABEL_0", "LABEL_4")));
      }

      @Override
      ColumnsSpec columns() {
        return new ColumnsSpec(null, null, "tags", "words");
      }
    },
    CLASSES("bert-seqcls", TaskSpec.SEQUENCE_CLASSIFICATION) {
      @Override
      List<Map<String, ?>> rows() {
        return List.of(
            Map.of("text", "a good film", "label", "LABEL_0"),
            Map.of("text", "the plot was bad", "label", "LABEL_1"),
            Map.of("text", "it was a very good film and a good plot", "label", "LABEL_2"));
      }
    },
    NUMBERS("bert-seqcls-regression", TaskSpec.SEQUENCE_CLASSIFICATION) {
      @Override
      List<Map<String, ?>> rows() {
        return List.of(
            Map.of("text", "a good film", "label", 0.5),
            Map.of("text", "the plot was bad", "label", -1.5),
            Map.of("text", "it was a very good film and a good plot", "label", 2.25));
      }
    },
    LABELS("bert-seqcls-multilabel", TaskSpec.SEQUENCE_CLASSIFICATION) {
      @Override
      List<Map<String, ?>> rows() {
        return List.of(
            Map.of("text", "a good film", "label", List.of("LABEL_0", "LABEL_3")),
            Map.of("text", "the plot was bad", "label", List.of("LABEL_1")),
            Map.of("text", "it was a very good film", "label", List.of("LABEL_0", "LABEL_2")));
      }
    },
    ANSWERS("bert-qa", TaskSpec.QUESTION_ANSWERING) {
      @Override
      List<Map<String, ?>> rows() {
        return List.of(
            answer("the plot was very bad", "very bad"),
            answer("a film and a film was good", "good"),
            answer("a good film", "a good film"));
      }

      @Override
      ColumnsSpec columns() {
        return new ColumnsSpec("question", "context", "answer", null);
      }
    },
    TOKENS("", TaskSpec.CAUSAL_LM) {
      @Override
      List<Map<String, ?>> rows() {
        return List.of(
            Map.of("text", "count from one"),
            Map.of("text", "count from one two three four five six"),
            Map.of("text", "two three"));
      }
    };

    final String golden;
    final String task;

    Rows(String golden, String task) {
      this.golden = golden;
      this.task = task;
    }

    abstract List<Map<String, ?>> rows();

    ColumnsSpec columns() {
      return ColumnsSpec.defaults();
    }

    private static Map<String, ?> words(List<String> words, List<String> tags) {
      return Map.of("words", words, "tags", tags);
    }

    private static Map<String, ?> answer(String context, String answer) {
      return Map.of("question", "was it good", "context", context, "answer", answer);
    }
  }

  /** Batches of 3, of 2 and 1, and of 1, 1 and 1. */
  @ParameterizedTest
  @EnumSource
  void a_step_is_the_same_however_it_is_cut(Rows kind) throws IOException {
    Run whole = step(kind, kind.rows(), 3, 1);
    for (int batch : new int[] {2, 1}) {
      Run cut = step(kind, kind.rows(), batch, 3);
      for (String figure : List.of("loss", "grad_norm")) {
        assertThat(cut.history().getFirst().get(figure))
            .as("%s in batches of %d", figure, batch)
            .isCloseTo(whole.history().getFirst().get(figure), within(CLOSE));
      }
      assertSameWeights(whole, cut);
    }
  }

  /**
   * transformers 5.12 on the same folders and ids, torch's cross_entropy(reduction="sum") for each
   * row: 1.769920 over 1 word and 8.175182 over 5 (the mean of the two means would be 1.702478);
   * 1.111170, 1.107553 and 1.074943 over a row each (the lone row of the second micro-batch would
   * count double: 1.092152).
   */
  @Test
  void the_loss_of_a_step_is_that_of_transformers_over_all_its_items() {
    assertThat(step(Rows.WORDS, Rows.WORDS.rows().subList(0, 2), 1, 2).history().getFirst())
        .hasEntrySatisfying("loss", loss -> assertThat(loss).isCloseTo(1.657517, within(CLOSE)));
    assertThat(step(Rows.CLASSES, Rows.CLASSES.rows(), 2, 2).history().getFirst())
        .hasEntrySatisfying("loss", loss -> assertThat(loss).isCloseTo(1.097889, within(CLOSE)));
  }

  /**
   * The mean of evaluations of each row alone, weighted by its predicted tokens: all words but the
   * first, and the end token.
   */
  @Test
  void the_loss_of_a_language_model_is_the_mean_over_predicted_tokens() {
    List<Map<String, ?>> rows = Rows.TOKENS.rows();
    Run run = step(Rows.TOKENS, rows, 1, 3);
    int[] predicted = {3, 8, 2};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      JobSpec job = job(Rows.TOKENS, List.of(rows.get(i)), 1, 1);
      sum += predicted[i] * engine.evaluate(job, null).loss();
    }
    assertThat(run.history().getFirst().get("loss")).isCloseTo(sum / 13, within(CLOSE));
  }

  /** One step of plain SGD over all rows, without dropout. */
  private Run step(Rows kind, List<Map<String, ?>> rows, int batch, int accumulate) {
    return engine.train(job(kind, rows, batch, accumulate));
  }

  private JobSpec job(Rows kind, List<Map<String, ?>> rows, int batch, int accumulate) {
    var tiny = new TinyJob(folder);
    var lines = new StringBuilder();
    rows.forEach(row -> lines.append(Json.mapper().valueToTree(row).toString()).append('\n'));
    String file =
        tiny.rows("%s-%d.jsonl".formatted(kind, rows.hashCode()), lines.toString()).toString();
    Path model =
        kind.golden.isEmpty()
            ? TinyGpt.folder(folder.resolve("gpt"))
            : TinyBert.folder(folder.resolve(kind.golden), GOLDENS.resolve(kind.golden + "/base"));
    return new JobSpec(
        ModelSpec.of(model.toString()),
        TaskSpec.of(kind.task),
        LoraSpec.builder().rank(4).alpha(16).build(),
        DataSpec.builder().train(file).test(file).columns(kind.columns()).packing(false).build(),
        OptimizerSpec.of("sgd", 0.1),
        ScheduleSpec.of("constant"),
        TrainingSpec.builder()
            .batch(batch)
            .accumulate(accumulate)
            .maxSteps(1)
            .loggingSteps(1)
            .evaluate(Interval.never())
            .save(Interval.never())
            .threads(1)
            .maxGradNorm(0)
            .output(folder.resolve("%s-%d-%d".formatted(kind, batch, accumulate)).toString())
            .overwrite(true)
            .build());
  }

  private static void assertSameWeights(Run one, Run other) throws IOException {
    assertThat(Files.size(one.adapter().resolve("adapter_model.safetensors"))).isPositive();
    try (var _ = Scope.open();
        SafetensorsFile a =
            SafetensorsFile.open(one.adapter().resolve("adapter_model.safetensors"));
        SafetensorsFile b =
            SafetensorsFile.open(other.adapter().resolve("adapter_model.safetensors"))) {
      assertThat(b.entries().keySet()).isEqualTo(a.entries().keySet());
      for (String name : a.entries().keySet()) {
        assertThat(b.tensor(name).toFloats())
            .as(name)
            .containsExactly(a.tensor(name).toFloats(), within((float) CLOSE));
      }
    }
  }
}
