package dev.jlora.engine.benchmarks;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/**
 * The result of {@link AdapterBenchmark}. Times are medians.
 *
 * @param single seconds of the batch with one adapter for all rows
 * @param mixed seconds of the batch with adapters by row
 * @param oneByOne seconds of the same rows, each in a batch of its own
 * @param oneByAdapter seconds of the same rows in one batch per adapter
 * @param difference the largest difference between logits of the mixed batch and one by one
 * @param switching seconds to select another of the loaded adapters
 * @param adapterBytes tensor memory of all loaded adapters
 * @param baseBytes tensor memory of the base model
 * @param speedup rows per second of the mixed batch, relative to one by one
 * @param share rows per second of the mixed batch, relative to the batch with one adapter
 * @param passBytes tensor memory that selecting each loaded adapter in turn, and running a row with
 *     it, left behind; 0 if nothing is copied
 */
public record AdapterReport(
    @JsonIgnore AdapterBenchmarkSettings settings,
    @JsonProperty("one_adapter_s") double single,
    @JsonProperty("mixed_s") double mixed,
    @JsonProperty("one_by_one_s") double oneByOne,
    @JsonProperty("one_by_adapter_s") double oneByAdapter,
    @JsonProperty("logits_difference") double difference,
    @JsonProperty("switch_s") double switching,
    @JsonProperty("adapter_bytes") long adapterBytes,
    @JsonProperty("base_bytes") long baseBytes,
    @JsonProperty("mixed_over_one_by_one") double speedup,
    @JsonProperty("mixed_over_one_adapter") double share,
    @JsonProperty("left_bytes") long passBytes) {

  @JsonProperty("model")
  String model() {
    return settings.model();
  }

  @JsonProperty("rows")
  int rows() {
    return settings.rows();
  }

  @JsonProperty("adapters")
  int adapters() {
    return settings.adapters();
  }

  @JsonProperty("length")
  int length() {
    return settings.length();
  }

  @JsonProperty("loaded")
  int loaded() {
    return settings.loaded();
  }

  @JsonProperty("precision")
  String precision() {
    return settings.precision().name().toLowerCase(Locale.ROOT);
  }

  @JsonProperty("adapter")
  String adapter() {
    return settings.adapter().json();
  }

  /** The report for people. */
  public String text() {
    return String.format(
        Locale.ROOT,
        """
        %s, %,d rows of %,d tokens, %,d adapters
        one adapter for all rows %10.1f ms %10.1f rows/s
        mixed batch              %10.1f ms %10.1f rows/s
        one batch per adapter    %10.1f ms %10.1f rows/s
        one row at a time        %10.1f ms %10.1f rows/s
        mixed: %.2f of the rate of one adapter, %.2f times that of one row at a time
        largest difference of logits %.2g
        %,d adapters loaded: %.4f ms to switch, %,.1f MiB (the base: %,.1f MiB, copied: %,d bytes)
        """,
        settings.model(),
        settings.rows(),
        settings.length(),
        settings.adapters(),
        single * 1e3,
        settings.rows() / single,
        mixed * 1e3,
        settings.rows() / mixed,
        oneByAdapter * 1e3,
        settings.rows() / oneByAdapter,
        oneByOne * 1e3,
        settings.rows() / oneByOne,
        share,
        speedup,
        difference,
        settings.loaded(),
        switching * 1e3,
        adapterBytes / 1048576.0,
        baseBytes / 1048576.0,
        passBytes);
  }
}
