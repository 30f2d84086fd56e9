package dev.jlora.engine.benchmarks;

import dev.jlora.engine.models.Devices;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.Problems;
import dev.jlora.spec.TrainingSpec;

/**
 * Settings of {@link StepBenchmark}.
 *
 * @param model a folder with a config.json (with weights, or random ones are created), or the name
 *     of a family's configuration, such as {@code bert-base}
 * @param task determines the head
 * @param batch rows per step
 * @param length tokens per row; an image model has its own
 * @param precision of the frozen weights and the activations
 * @param adapter to train
 * @param steps number of timed steps, after two warm-up steps
 * @param seed for weights, input and dropout
 * @param device as for {@link Devices}
 * @param gradientCheckpointing whether backward recomputes repeated blocks
 * @param cudaGraphs off or auto, as in a job
 */
public record BenchmarkSettings(
    String model,
    String task,
    int batch,
    int length,
    Precision precision,
    AdapterSpec adapter,
    int steps,
    long seed,
    String device,
    boolean gradientCheckpointing,
    String cudaGraphs) {
  public BenchmarkSettings {
    Problems.in("bench step")
        .unless(!model.isBlank(), "model: got none, expected a folder or a name such as bert-base")
        .unless(batch > 0, "batch: got %d, expected 1 or more", batch)
        .unless(length > 0, "length: got %d, expected 1 or more", length)
        .unless(steps > 0, "steps: got %d, expected 1 or more", steps)
        .unless(
            cudaGraphs.equals(TrainingSpec.OFF) || cudaGraphs.equals(TrainingSpec.AUTO),
            "cuda graphs: got '%s', expected off or auto",
            cudaGraphs)
        .throwIfAny();
  }

  /** Settings for a GPU if there is one, else for the CPU. */
  public BenchmarkSettings(
      String model,
      String task,
      int batch,
      int length,
      Precision precision,
      AdapterSpec adapter,
      int steps,
      long seed) {
    this(
        model,
        task,
        batch,
        length,
        precision,
        adapter,
        steps,
        seed,
        Devices.AUTO,
        false,
        TrainingSpec.OFF);
  }

  /** A copy with another row length. */
  BenchmarkSettings withLength(int tokens) {
    return new BenchmarkSettings(
        model,
        task,
        batch,
        tokens,
        precision,
        adapter,
        steps,
        seed,
        device,
        gradientCheckpointing,
        cudaGraphs);
  }
}
