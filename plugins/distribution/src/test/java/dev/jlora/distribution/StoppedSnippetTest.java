package dev.jlora.distribution;

import static dev.jlora.Jlora.finetune;
import static dev.jlora.Jlora.jsonl;
import static dev.jlora.Jlora.lora;
import static dev.jlora.Jlora.sequenceClassification;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.spi.Callback;
import dev.jlora.spi.Step;
import dev.jlora.spi.TrainerState;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C in jshell throws an error of its own into the snippet. */
class StoppedSnippetTest {
  @TempDir Path folder;

  private static final class Stop extends Error {
    private static final long serialVersionUID = 1;
  }

  /** The output of a run of four steps that the callback of a step stops. */
  private String stopped(boolean resume, int save, long at) {
    PrintStream before = System.err;
    var bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertThatThrownBy(
              () ->
                  finetune("../../examples/models/bert-tiny-imdb")
                      .task(sequenceClassification("negative", "positive"))
                      .adapter(lora().rank(2).targets("query"))
                      .data(jsonl("../../examples/data/reviews-train.jsonl").limit(16).maxLength(8))
                      .train(
                          t ->
                              (resume ? t.resume() : t)
                                  .maxSteps(4)
                                  .batch(2)
                                  .saveEvery(save)
                                  .output(folder.toString()))
                      .run(
                          new Callback() {
                            @Override
                            public void onStep(TrainerState state, Step step) {
                              if (state.globalStep() == at) {
                                throw new Stop();
                              }
                            }
                          }))
          .isInstanceOf(Stop.class);
    } finally {
      System.setErr(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void the_checkpoint_that_a_run_was_resumed_from_is_named() {
    assertThat(stopped(false, 9, 2))
        .contains("jlora: stopped at step 1 of 4; no checkpoint was written");
    String newest = "the newest checkpoint is %s; to continue, add resume() in train(...)";
    String second = newest.formatted(folder.resolve("checkpoint-2"));
    assertThat(stopped(false, 2, 4)).contains("stopped at step 3 of 4; " + second);
    assertThat(stopped(true, 4, 4)).contains("stopped at step 3 of 4; " + second);
  }
}
