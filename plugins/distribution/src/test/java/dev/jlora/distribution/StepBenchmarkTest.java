package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.adapters.prompt.PrefixTuningSpec;
import dev.jlora.engine.benchmarks.AdapterBenchmark;
import dev.jlora.engine.benchmarks.AdapterBenchmarkSettings;
import dev.jlora.engine.benchmarks.AdapterReport;
import dev.jlora.engine.benchmarks.BenchmarkSettings;
import dev.jlora.engine.benchmarks.KernelBenchmark;
import dev.jlora.engine.benchmarks.ProfileReport;
import dev.jlora.engine.benchmarks.ProfileReport.PhaseRow;
import dev.jlora.engine.benchmarks.StepBenchmark;
import dev.jlora.engine.benchmarks.StepReport;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.SpecException;
import dev.jlora.tensor.Tensor;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code bench step} on the smallest BERT. */
class StepBenchmarkTest {
  private static final int BATCH = 2;
  private static final int LENGTH = 16;
  private final StepBenchmark benchmark = new StepBenchmark(Plugins.load());

  private static BenchmarkSettings settings(String model, Precision precision) {
    return new BenchmarkSettings(
        model,
        "sequence-classification",
        BATCH,
        LENGTH,
        precision,
        LoraSpec.builder().dropout(0.1).targets("query", "key", "value", "dense").build(),
        2,
        7);
  }

  @Test
  void a_method_that_changes_the_inputs_is_timed_like_any_other() {
    BenchmarkSettings settings =
        new BenchmarkSettings(
            "bert-tiny",
            "sequence-classification",
            BATCH,
            LENGTH,
            Precision.FP32,
            PrefixTuningSpec.defaults(),
            1,
            7);
    assertThat(benchmark.run(settings).stepOverFloor()).isPositive();
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void reports_step_floor_and_their_ratio(Precision precision) {
    long before = Tensor.live();
    StepReport report = benchmark.run(settings("bert-tiny", precision));
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(report.stepSeconds()).isPositive();
    assertThat(report.floorSeconds()).isPositive();
    assertThat(report.stepOverFloor()).isEqualTo(report.stepSeconds() / report.floorSeconds());
    assertThat(report.tokensPerSecond()).isEqualTo(BATCH * LENGTH / report.stepSeconds());
    assertThat(Json.pretty(report))
        .contains(
            "\"step_s\"",
            "\"floor_s\"",
            "\"step_over_floor\"",
            "\"tokens_per_s\"",
            "\"peak_rss_bytes\"",
            "\"precision\"",
            "\"model\"",
            "\"batch\"",
            "\"length\"",
            "\"utilisation\"",
            "\"kernels_per_step\" : 0",
            "\"not_captured\" : \"steps are captured on GPUs only\"");
    assertThat(report.work().achievedRate()).isEqualTo(report.floorFlops() / report.stepSeconds());
    assertThat(report.work().peakRate()).isPositive();
    assertThat(report.work().hostSeconds()).isLessThanOrEqualTo(report.stepSeconds());
    assertThat(report.text()).contains("utilisation", "launches   not counted");
  }

  @Test
  void rows_with_adapters_of_their_own_are_timed() {
    long before = Tensor.live();
    AdapterReport report =
        new AdapterBenchmark(Plugins.load())
            .run(
                new AdapterBenchmarkSettings(
                    "bert-tiny",
                    "sequence-classification",
                    6,
                    3,
                    LENGTH,
                    Precision.FP32,
                    LoraSpec.builder().rank(4).build(),
                    5,
                    2,
                    7,
                    "cpu"));
    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(report.difference()).isLessThan(1e-4);
    assertThat(report.switching()).isPositive();
    assertThat(report.passBytes()).isZero();
    assertThat(report.adapterBytes()).isPositive().isLessThan(report.baseBytes());
    assertThat(report.speedup()).isEqualTo(report.oneByOne() / report.mixed());
    assertThat(report.share()).isEqualTo(report.single() / report.mixed());
    assertThat(Json.pretty(report))
        .contains("\"mixed_s\"", "\"one_by_one_s\"", "\"switch_s\"", "\"rows\" : 6");
    assertThat(report.text()).contains("6 rows of", "5 adapters loaded");
    assertThatThrownBy(
            () ->
                new AdapterBenchmarkSettings(
                    "bert-tiny",
                    "sequence-classification",
                    2,
                    3,
                    LENGTH,
                    Precision.FP32,
                    LoraSpec.defaults(),
                    1,
                    1,
                    7,
                    "cpu"))
        .hasMessageContainingAll(
            "adapters: got 3, expected 1 to 2, the number of rows",
            "loaded: got 1, expected 3 or more");
  }

  @Test
  void kernels_are_held_against_a_copy() {
    long before = Tensor.live();
    KernelBenchmark.Report report = KernelBenchmark.run("cpu");

    assertThat(Tensor.live()).isEqualTo(before);
    assertThat(report.copyRate()).isPositive();
    assertThat(report.kernels())
        .extracting(KernelBenchmark.Figure::kernel)
        .contains("dropout", "gelu backward", "cross-entropy", "adam", "embedding backward");
    assertThat(report.kernels())
        .allSatisfy(
            it -> {
              assertThat(it.rate()).isEqualTo(it.bytes() / it.seconds());
              assertThat(it.share()).isEqualTo(it.rate() / report.copyRate());
            });
    assertThat(Json.pretty(report)).contains("\"bytes_per_s\"", "\"share\"");
    assertThat(report.text()).startsWith("cpu copies ").contains("dropout, sum, layer norm");
    assertThatThrownBy(() -> KernelBenchmark.run("tpu")).hasMessageContaining("got 'tpu'");
  }

  @Test
  void a_profile_says_where_the_time_goes() {
    StepReport report =
        new StepBenchmark(Plugins.load(), true).run(settings("bert-tiny", Precision.FP32));

    ProfileReport profile = report.profile();
    Map<String, PhaseRow> phases =
        profile.phases().stream().collect(Collectors.toMap(PhaseRow::phase, row -> row));
    assertThat(phases)
        .containsKeys(
            "gemm",
            "attention",
            "dropout",
            "norm",
            "activation",
            "adapter",
            "optimizer",
            "clipping",
            "allocation",
            "java");
    PhaseRow gemm = phases.get("gemm");
    assertThat(gemm.forwardMillis()).isPositive();
    assertThat(gemm.backwardMillis()).isPositive();
    assertThat(gemm.within()).containsKey("adapter");
    assertThat(gemm.share()).isEqualTo(gemm.millis() / profile.stepMillis());
    assertThat(phases.get("dropout").within()).containsKey("norm");
    assertThat(phases.get("optimizer").calls()).isEqualTo(1);
    assertThat(profile.phases().stream().mapToDouble(PhaseRow::share).sum())
        .isBetween(0.5, 1.5); // medians, each of its own
    assertThat(profile.functions()).extracting("function").contains("loraLinear", "gelu");
    assertThat(report.minorFaults()).isNotNegative();
    assertThat(report.text()).contains("page faults", "gemm", "% of step", "loraLinear");
    assertThat(Json.pretty(report)).contains("\"within_ms\"", "\"backward_ms\"", "\"user_ms\"");
  }

  @Test
  void no_profile_without_asking() {
    StepReport report = benchmark.run(settings("bert-tiny", Precision.FP32));
    assertThat(report.profile()).isNull();
    assertThat(Json.pretty(report)).doesNotContain("profile").contains("\"minor_faults\"");
  }

  @Test
  void the_floor_counts_the_products_that_frozen_weights_need_and_no_others() {
    long hidden = 128;
    long square = hidden * hidden;
    long perLayer = 4 * square + 2 * hidden * 4 * hidden;
    long rows = BATCH * LENGTH;
    long belowTheLowestAdapter = 3 * square * rows; // nothing below q, k, v of layer 0 is trained
    long first = 2 * perLayer * rows - belowTheLowestAdapter;
    long keysAndValues = 2 * square; // the last layer computes the rest for the first token alone
    long last = 2 * (keysAndValues * rows + (perLayer - keysAndValues) * BATCH);
    long pooler = 2 * square * BATCH;
    long expected = 2 * (first + last + pooler);
    assertThat(benchmark.run(settings("bert-tiny", Precision.FP32)).floorFlops())
        .isEqualTo(expected);
  }

  @Test
  void an_unknown_model_is_refused_with_the_known_ones() {
    assertThatThrownBy(() -> benchmark.run(settings("bert-huge", Precision.FP32)))
        .hasMessageContaining("model: got 'bert-huge'")
        .hasMessageContaining("bert-base");
  }

  @Test
  void impossible_sizes_are_refused_together() {
    assertThatThrownBy(
            () ->
                new BenchmarkSettings(
                    "bert-tiny", "x", 0, -1, Precision.FP32, LoraSpec.defaults(), 1, 0))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("batch: got 0")
        .hasMessageContaining("length: got -1");
  }
}
