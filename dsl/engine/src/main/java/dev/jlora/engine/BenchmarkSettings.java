package dev.jlora.engine;

import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.Problems;
import dev.jlora.spec.TrainingSpec;

/**
 * What {@link StepBenchmark} runs.
 *
 * @param model a folder with a config.json (and weights, or random ones are made), or the name of a
 *     configuration that a family knows, such as {@code bert-base}
 * @param task decides the head
 * @param batch rows of a step
 * @param length tokens of a row; a model of images has its own
 * @param precision of the frozen weights and the activations
 * @param adapter what is trained
 * @param steps how many are timed, after two that are not
 * @param seed of weights, input and dropout
 * @param device where, as {@link Devices} reads it
 * @param gradientCheckpointing whether backward computes repeated blocks again
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

  /** Settings for a GPU where there is one, else for the CPU. */
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

  /** The same with rows of so many tokens. */
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
