package dev.jlora;

import dev.jlora.engine.Engine;
import dev.jlora.engine.jobs.JobPlan;
import dev.jlora.engine.training.Run;
import dev.jlora.engine.training.StoppedException;
import dev.jlora.spi.Callback;
import dev.jlora.spi.Step;
import dev.jlora.spi.TrainerState;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A run of a user's program, which reports where it can be resumed if it is stopped. */
final class Running implements Callback {
  private final Path output;
  private @Nullable TrainerState state;
  private @Nullable Path saved;

  private Running(Path output) {
    this.output = output;
  }

  static Run run(Engine engine, JobPlan plan, Callback... callbacks) {
    Running running = new Running(Path.of(plan.job().training().output()));
    Callback[] all = Arrays.copyOf(callbacks, callbacks.length + 1);
    all[callbacks.length] = running;
    try {
      return engine.train(plan, all);
    } catch (StoppedException e) {
      System.out.flush();
      System.err.println("jlora: " + e.getMessage());
      System.exit(e.exitCode()); // the signal was for the process
      throw e;
    } catch (Error e) { // such as jshell's, where Ctrl-C stops a snippet
      running.tell();
      throw e;
    }
  }

  @Override
  public void onTrainBegin(TrainerState now) {
    state = now;
    saved = now.globalStep() > 0 ? output.resolve("checkpoint-" + now.globalStep()) : null;
  }

  @Override
  public void onStep(TrainerState now, Step step) {
    state = now;
  }

  @Override
  public void onSave(TrainerState now, Path checkpoint) {
    saved = checkpoint;
  }

  @Override
  public void onTrainEnd(TrainerState now) {
    state = null;
  }

  private void tell() {
    if (state != null) {
      System.err.printf(
          "%njlora: stopped at step %d of %d; %s%n",
          state.globalStep(),
          state.maxSteps(),
          saved == null
              ? "no checkpoint was written"
              : "the newest checkpoint is %s; to continue, add resume() in train(...) and run again"
                  .formatted(saved));
    }
  }
}
