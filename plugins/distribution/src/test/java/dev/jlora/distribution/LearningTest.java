package dev.jlora.distribution;

import static dev.jlora.Jlora.finetune;
import static dev.jlora.Jlora.jsonl;
import static dev.jlora.Jlora.lora;
import static dev.jlora.Jlora.sequenceClassification;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.Finetune;
import dev.jlora.engine.Engine;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The small BERT of the quickstart learns what it is for, from a job written as a sentence. */
class LearningTest {
  @TempDir Path output;

  @Test
  void five_epochs_of_reviews_teach_it_to_tell_unseen_ones_apart() {
    Finetune job =
        finetune("../../examples/models/bert-tiny-imdb")
            .task(sequenceClassification("negative", "positive"))
            .adapter(lora().rank(8).alpha(32).targets("query", "key", "value", "dense"))
            .data(
                jsonl("../../examples/data/reviews-train.jsonl")
                    .validation("../../examples/data/reviews-test.jsonl")
                    .maxLength(64))
            .train(
                t ->
                    t.epochs(5)
                        .batch(16)
                        .learningRate(2e-3)
                        .warmupRatio(0.1)
                        .seed(1)
                        .threads(1)
                        .output(output.toString()));
    double before = new Engine(Plugins.load()).evaluate(job.spec(), null).metrics().get("accuracy");

    Run run = job.run();

    double after = run.evaluation().get("eval_accuracy");
    assertThat(before).isBetween(0.3, 0.65); // a fresh head guesses
    assertThat(after).isGreaterThan(0.68).isGreaterThan(before + 0.15);
    var losses =
        run.history().stream()
            .filter(entry -> entry.containsKey("loss"))
            .map(entry -> entry.get("loss"))
            .toList();
    assertThat(losses.getLast()).isLessThan(losses.getFirst() * 0.8);
    assertThat(new Engine(Plugins.load()).evaluate(job.spec(), output).metrics().get("accuracy"))
        .isEqualTo(after);
  }
}
