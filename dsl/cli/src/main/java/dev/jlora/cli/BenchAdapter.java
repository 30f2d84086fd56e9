package dev.jlora.cli;

import dev.jlora.io.Json;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.SpecTypes;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The adapter of a benchmark: a method's defaults, settings as JSON, and typed options. */
final class BenchAdapter {
  /** A job that nothing but the adapter is read from. */
  private static final String JOB =
      """
      {"model": {"path": "bench"}, "task": {"name": "sequence-classification"},
       "data": {"train": "bench"}, "adapter": %s}
      """;

  /** LoRA's in a benchmark: with the dropout of a usual recipe. */
  private static final Map<String, Object> LORA = Map.of("rank", 8, "alpha", 32.0, "dropout", 0.1);

  private BenchAdapter() {}

  /**
   * The adapter's spec.
   *
   * @param settings a JSON object with keys of the section {@code adapter}
   * @param typed values of options by key, which override; null for options that were not given
   * @throws dev.jlora.spec.SpecException listing all problems
   */
  static AdapterSpec of(
      SpecTypes types, String method, String settings, Map<String, @Nullable Object> typed) {
    Map<String, Object> adapter = new LinkedHashMap<>();
    adapter.put("method", method);
    if (method.equals(LoraSpec.METHOD)) {
      adapter.putAll(LORA);
    }
    Json.object(settings, "--settings")
        .properties()
        .forEach(entry -> adapter.put(entry.getKey(), entry.getValue()));
    typed.forEach(
        (key, value) -> {
          if (value != null) {
            adapter.put(key, value);
          }
        });
    return JobSpec.parse(JOB.formatted(Json.pretty(adapter)), types).adapter();
  }
}
