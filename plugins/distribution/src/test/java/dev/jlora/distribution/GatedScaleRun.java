package dev.jlora.distribution;

import static dev.jlora.Jlora.merge;
import static dev.jlora.Jlora.predictor;

import dev.jlora.Jlora;
import dev.jlora.engine.Engine;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.spec.JobSpec;
import dev.jlora.spi.Answer;
import java.nio.file.Path;

/** A program that uses the gated scale: trains a job from a file, loads and merges the adapter. */
final class GatedScaleRun {
  private static final String TEXT = "a very good film and the plot was it";

  private GatedScaleRun() {}

  /** Arguments: a job file, the folder it writes to, a folder for the merged model. */
  public static void main(String[] arguments) {
    Path adapter = Path.of(arguments[1]);
    Path merged = Path.of(arguments[2]);
    JobSpec job = Jlora.job(Path.of(arguments[0]));
    Engine engine = new Engine(Plugins.load());
    System.out.println("untrained " + engine.evaluate(job, null).metrics().get("accuracy"));
    Run run = engine.train(job);
    System.out.println("steps " + run.steps());
    System.out.println("accuracy " + run.evaluation().get("eval_accuracy"));
    try (var trained = predictor(adapter)) {
      System.out.println("trained " + shown(trained.predict(TEXT)));
    }
    merge(adapter, merged);
    try (var plain = predictor(merged)) {
      System.out.println("merged " + shown(plain.predict(TEXT)));
    }
  }

  private static String shown(Answer answer) {
    return "%s %.4f".formatted(answer.label(), answer.score());
  }
}
