package dev.jlora.distribution;

import static dev.jlora.Jlora.finetune;
import static dev.jlora.Jlora.job;
import static dev.jlora.Jlora.jsonl;
import static dev.jlora.Jlora.lora;
import static dev.jlora.Jlora.sequenceClassification;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.Finetune;
import dev.jlora.engine.Engine;
import dev.jlora.engine.Predictor;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.spi.Callback;
import dev.jlora.spi.Step;
import dev.jlora.spi.TrainerState;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job as a sentence, from the first word to an answer. */
class SentenceTest {
  @TempDir Path output;

  @Test
  void a_callback_of_the_program_takes_nothing_from_the_console() {
    var text = new ByteArrayOutputStream();
    PrintStream before = System.out;
    List<Long> seen = new ArrayList<>();
    try {
      System.setOut(new PrintStream(text, /* autoFlush= */ true, StandardCharsets.UTF_8));
      finetune("../../examples/models/bert-tiny-imdb")
          .task(sequenceClassification("negative", "positive"))
          .adapter(lora().rank(4).targets("query"))
          .data(jsonl("../../examples/data/reviews-train.jsonl").limit(8).maxLength(16))
          .train(t -> t.maxSteps(2).batch(4).loggingSteps(1).output(output.toString()))
          .run(
              new Callback() {
                @Override
                public void onStep(TrainerState state, Step step) {
                  seen.add(state.globalStep());
                }
              });
    } finally {
      System.setOut(before);
    }
    assertThat(seen).containsExactly(1L, 2L);
    assertThat(text.toString(StandardCharsets.UTF_8))
        .startsWith("BertForSequenceClassification [negative, positive]: 4 modules get an adapter")
        .contains(
            "trainable params: ",
            "\nstep 1 of 2, epoch ",
            "\nstep 2 of 2, epoch ",
            "\nstep 2: saved " + output.resolve("checkpoint-2"));
  }

  @Test
  void a_sentence_trains_an_adapter_that_answers() {
    Finetune words =
        finetune("../../examples/models/bert-tiny-imdb")
            .task(sequenceClassification("negative", "positive"))
            .adapter(lora().rank(4).alpha(16).targets("query", "value"))
            .data(
                jsonl("../../examples/data/reviews-train.jsonl")
                    .limit(32)
                    .validation("../../examples/data/reviews-test.jsonl")
                    .validationLimit(16)
                    .maxLength(32))
            .train(t -> t.epochs(2).batch(8).learningRate(1e-3).output(output.toString()));

    Run run = words.run();

    assertThat(run.steps()).isEqualTo(8);
    assertThat(run.evaluation()).containsKeys("eval_loss", "eval_accuracy");
    assertThat(output.resolve("adapter_model.safetensors")).isRegularFile();
    var trained = new Engine(Plugins.load()).job(output);
    assertThat(trained).isEqualTo(job(trained.json()));
    try (var predictor = Predictor.open(Plugins.load(), trained, output)) {
      assertThat(predictor.predict("A fine film.").label()).isIn("negative", "positive");
    }
  }
}
