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
import dev.jlora.engine.Run;
import dev.jlora.host.Plugins;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job as a sentence, from the first word to an answer. */
class SentenceTest {
  @TempDir Path output;

  @Test
  void a_sentence_trains_an_adapter_that_answers() {
    Finetune words =
        finetune("models/bert-tiny-imdb")
            .task(sequenceClassification("negative", "positive"))
            .adapter(lora().rank(4).alpha(16).targets("query", "value"))
            .data(
                jsonl("data/reviews-train.jsonl")
                    .limit(32)
                    .validation("data/reviews-test.jsonl")
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
