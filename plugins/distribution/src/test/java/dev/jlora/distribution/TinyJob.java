package dev.jlora.distribution;

import dev.jlora.spec.DataSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * Jobs on {@link TinyBert}: seconds long, seeded, on one thread; what they write lies in a folder.
 */
public record TinyJob(Path folder) {
  public static final int STEPS = 12;

  /** Writes rows into a file. */
  public Path rows(String name, String content) {
    try {
      return Files.writeString(folder.resolve(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code count} labelled reviews, to train on and to be judged by. */
  public DataSpec reviews(int count) {
    String rows = rows("reviews-%d.jsonl".formatted(count), TinyBert.reviews(count)).toString();
    return DataSpec.builder().train(rows).validation(rows).build();
  }

  /** Tells good reviews from bad ones. */
  public JobSpec job(String output, UnaryOperator<TrainingSpec.Builder> training) {
    return job(TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION), reviews(24), output, training);
  }

  public JobSpec job(
      TaskSpec task, DataSpec data, String output, UnaryOperator<TrainingSpec.Builder> training) {
    return new JobSpec(
        ModelSpec.of(TinyBert.folder(folder.resolve("base")).toString()),
        task,
        LoraSpec.builder().rank(4).alpha(16).dropout(0.1).targets("query", "value").build(),
        data,
        OptimizerSpec.of("adamw", 5e-3),
        ScheduleSpec.of("linear").withWarmupSteps(2),
        training
            .apply(
                TrainingSpec.builder()
                    .batch(4)
                    .accumulate(2)
                    .maxSteps(STEPS)
                    .loggingSteps(5)
                    .evaluate(Interval.never())
                    .save(Interval.steps(4))
                    .threads(1)
                    .output(folder.resolve(output).toString()))
            .build());
  }
}
