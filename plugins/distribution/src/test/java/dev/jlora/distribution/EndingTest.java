package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.cli.Main;
import dev.jlora.engine.Engine;
import dev.jlora.engine.steps.NonFiniteLossException;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.spi.Callback;
import dev.jlora.spi.TrainerState;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/**
 * How runs end: what is evaluated, saved, kept and said then, and that resuming changes nothing.
 */
class EndingTest {
  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());
  private final List<String> messages = new ArrayList<>();

  private class Listener implements Callback {
    @Override
    public void onMessage(TrainerState state, String message) {
      messages.add(message);
    }
  }

  /** 24 rows in batches of 4, two to a step: three steps an epoch, so 4 and 5 end inside one. */
  @ParameterizedTest
  @CsvSource({"4, epoch", "5, epoch", "5, 2", "3, epoch"})
  void the_last_step_is_evaluated_and_saved_wherever_it_is(int steps, String interval) {
    Interval every = interval.equals("epoch") ? Interval.epoch() : Interval.steps(2);
    Run run =
        engine.train(
            job("out", t -> t.maxSteps(steps).evaluate(every).save(every).keepBest("loss")),
            new Listener());
    assertThat(run.history().getLast())
        .containsKey("eval_loss")
        .containsEntry("step", (double) steps);
    assertThat(run.adapter().resolve("checkpoint-" + steps)).isDirectory();
    assertThat(run.bestCheckpoint()).isDirectory();
    assertThat(messages)
        .singleElement()
        .asString()
        .matches(
            "kept the weights of step %d: eval_loss \\d\\.\\d{4} is the best of \\d evaluations?"
                .formatted(run.state().bestStep()));
  }

  @Test
  void part_of_an_epoch_ends_with_an_evaluation_too() {
    JobSpec job = job("out", t -> t);
    TrainingSpec epochs =
        TrainingSpec.builder()
            .batch(4)
            .accumulate(2)
            .epochs(1.5)
            .threads(1)
            .output(job.training().output())
            .build();
    Run run = engine.train(job.withTraining(epochs));
    assertThat(run.steps()).isEqualTo(5);
    assertThat(run.history())
        .filteredOn(entry -> entry.containsKey("eval_loss"))
        .extracting(entry -> entry.get("step"))
        .containsExactly(3.0, 5.0);
  }

  @Test
  void early_stopping_says_so_and_a_run_that_it_ended_does_not_train_on() throws IOException {
    Run run = engine.train(stopping("out", false), new Listener());
    assertThat(run.steps()).isEqualTo(6);
    assertThat(messages)
        .hasSize(2)
        .first()
        .asString()
        .matches(
            "stopped early at step 6 of 200: eval_loss \\S+ of step 2 was not improved on"
                + " by more than 10.0 in 2 evaluations");
    byte[] weights = Interrupted.weights(run);

    messages.clear();
    Run again = engine.train(stopping("out", true), new Listener());
    assertThat(again.steps()).isEqualTo(6);
    assertThat(again.resumedAt()).isEqualTo(6);
    assertThat(Interrupted.weights(again)).isEqualTo(weights);
    assertThat(again.history()).isEqualTo(run.history());
    assertThat(messages).first().isEqualTo("nothing left to train: the run is at step 6 of 200");
  }

  /** Killed when its last checkpoint is on the disk, and at other steps on the way there. */
  @ParameterizedTest
  @CsvSource({"6", "4", "5", "1"})
  void a_run_that_is_killed_before_early_stopping_ends_with_the_same_bits(long step)
      throws IOException {
    Run whole = engine.train(stopping("whole", false));
    Callback killer =
        new Callback() {
          @Override
          public void onSave(TrainerState state, Path checkpoint) {
            if (state.globalStep() == step) {
              throw new IllegalStateException("killed");
            }
          }
        };
    assertThatThrownBy(() -> engine.train(stopping("killed", false), killer)).hasMessage("killed");
    Run resumed = engine.train(stopping("killed", true));
    assertThat(resumed.steps()).isEqualTo(whole.steps());
    assertThat(resumed.state().bestStep()).isEqualTo(whole.state().bestStep());
    assertThat(Interrupted.weights(resumed)).isEqualTo(Interrupted.weights(whole));
  }

  @Test
  void a_run_that_had_all_its_steps_does_not_train_on() throws IOException {
    Run run = engine.train(job("out", t -> t.maxSteps(5).save(Interval.steps(2))));
    byte[] weights = Interrupted.weights(run);
    Run again = engine.train(job("out", t -> t.maxSteps(5).resume(true)), new Listener());
    assertThat(again.steps()).isEqualTo(5);
    assertThat(again.resumedAt()).isEqualTo(5);
    assertThat(Interrupted.weights(again)).isEqualTo(weights);
    assertThat(messages).containsExactly("nothing left to train: the run is at step 5 of 5");
  }

  @Test
  void a_callback_that_ends_a_run_is_named_and_the_end_is_evaluated() {
    class AtFour extends Listener {
      @Override
      public boolean wantsToStop(TrainerState state) {
        return state.globalStep() >= 4;
      }
    }
    JobSpec job = job("out", t -> t.evaluate(Interval.epoch()).save(Interval.epoch()));
    Run run = engine.train(job, new AtFour());
    assertThat(run.steps()).isEqualTo(4);
    assertThat(run.history().getLast()).containsEntry("step", 4.0).containsKey("eval_loss");
    assertThat(run.adapter().resolve("checkpoint-4")).isDirectory();
    assertThat(messages)
        .singleElement()
        .asString()
        .startsWith("stopped at step 4 of 12: callback ")
        .endsWith("AtFour asked for it");
    JobSpec resumed =
        job("out", t -> t.evaluate(Interval.epoch()).save(Interval.epoch()).resume(true));
    assertThat(engine.train(resumed, new AtFour()).steps()).isEqualTo(4);
  }

  /**
   * SGD with a rate beyond what a float holds: loss and gradient are finite, the update is not. The
   * first of two steps of warm-up has a rate of 0.
   */
  @Test
  void weights_that_a_step_made_infinite_are_not_saved() {
    JobSpec job =
        job("out", t -> t.save(Interval.steps(1)).maxSteps(3))
            .withOptimizer(OptimizerSpec.of("sgd", 1e39));
    assertThatThrownBy(() -> engine.train(job))
        .isInstanceOf(NonFiniteLossException.class)
        .hasMessageContaining("Step 2: got a value in the trained weight '")
        .hasMessageContaining("the last good checkpoint is ")
        .hasMessageContaining("checkpoint-1");
    assertThat(folder.resolve("out/checkpoint-2")).doesNotExist();
    assertThat(folder.resolve("out/adapter_model.safetensors")).doesNotExist();
  }

  /** Lines that come once: the rows that are kept, the steps, what is said at the end. */
  @Test
  void the_command_line_says_each_thing_once_and_counts_one_step_as_one() throws IOException {
    String rows = TinyBert.reviews(24) + "{\"text\": \"a film\", \"label\": \"none\"}\n";
    Path file = new TinyJob(folder).rows("three.jsonl", rows);
    JobSpec job = job("out", t -> t.maxSteps(1).evaluate(Interval.epoch()).keepBest("loss"));
    String path = file.toString();
    job =
        job.withTask(TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION, "bad", "good"))
            .withData(
                DataSpec.builder().train(path).validation(path).test(path).onlyLabels().build());
    Path spec = Files.writeString(folder.resolve("job.json"), job.json());
    String first = said("train", spec.toString());
    assertThat(first)
        .contains("kept 24 of 25 rows, those with the labels [bad, good]")
        .containsPattern(
            "kept the weights of step 1: eval_loss \\S+ is the best of 1 evaluation\\R")
        .contains("trained 1 step in ")
        .contains("test: 24 rows, ");
    assertThat(first.split("24 of 25 rows", -1)).hasSize(2);

    Path again = Files.writeString(folder.resolve("again.json"), resumed(job).json());
    assertThat(said("train", again.toString()))
        .contains("nothing left to train: the run is at step 1 of 1")
        .contains("trained 0 steps (resumed at step 1) in ");
  }

  private static JobSpec resumed(JobSpec job) {
    return job.withTraining(job.training().toBuilder().resume(true).build());
  }

  private static String said(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    CommandLine line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    assertThat(line.execute(arguments)).as(err.toString()).isZero();
    return out.toString();
  }

  private JobSpec stopping(String output, boolean resume) {
    return job(
        output,
        t ->
            t.maxSteps(200)
                .evaluate(Interval.steps(2))
                .save(Interval.steps(1))
                .keepBest("loss")
                .earlyStopping(2, 10)
                .resume(resume));
  }

  private JobSpec job(String output, UnaryOperator<TrainingSpec.Builder> training) {
    return new TinyJob(folder).job(output, training);
  }
}
