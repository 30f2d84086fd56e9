package dev.jlora.engine.benchmarks;

import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.Problems;

/**
 * Settings of {@link AdapterBenchmark}.
 *
 * @param model a folder with a config.json, or the name of a family's configuration
 * @param task determines the head, which every adapter has trained
 * @param rows of the batch
 * @param adapters number of adapters among the rows
 * @param length tokens per row
 * @param precision of the frozen weights and the activations
 * @param adapter the spec of all adapters
 * @param loaded number of adapters to switch between
 * @param runs number of timed batches of each kind
 * @param seed for weights, input and adapters
 * @param device auto, cpu, cuda or cuda:INDEX
 */
public record AdapterBenchmarkSettings(
    String model,
    String task,
    int rows,
    int adapters,
    int length,
    Precision precision,
    AdapterSpec adapter,
    int loaded,
    int runs,
    long seed,
    String device) {
  public AdapterBenchmarkSettings {
    Problems.in("bench adapters")
        .unless(!model.isBlank(), "model: got none, expected a folder or a name such as bert-base")
        .unless(rows > 0, "rows: got %d, expected 1 or more", rows)
        .unless(
            adapters > 0 && adapters <= rows,
            "adapters: got %d, expected 1 to %d, the number of rows",
            adapters,
            rows)
        .unless(length > 0, "length: got %d, expected 1 or more", length)
        .unless(loaded >= adapters, "loaded: got %d, expected %d or more", loaded, adapters)
        .unless(runs > 0, "runs: got %d, expected 1 or more", runs)
        .throwIfAny();
  }
}
