package dev.jlora.engine.benchmarks;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spi.AdapterSummary;
import dev.jlora.tensor.TensorMemory;
import dev.jlora.tensor.Torch;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Results of a {@link StepBenchmark}; times in seconds, medians unless stated otherwise.
 *
 * @param stepSeconds a whole step: forward, loss, backward, clipping, optimizer
 * @param floorSeconds only the GEMMs with frozen weights of a step, in the same process
 * @param stepOverFloor their ratio
 * @param tokensPerSecond batch x length / step
 * @param peakRssBytes the process's peak resident memory; 0 if the system does not report it
 * @param liveDeviceBytes memory of live tensors on the device after all steps; it does not grow
 *     with their number
 * @param minorFaults minor page faults per step
 * @param majorFaults major page faults per step
 * @param peakTensorBytes peak host memory of tensors, without mapped weights
 * @param peakDeviceBytes peak memory of tensors on GPUs in steps only, without kernels' own memory;
 *     0 on the CPU
 * @param floorFlops multiply-adds of the floor, times two
 * @param work utilization of the device
 * @param profile of the step, if requested
 */
public record StepReport(
    @JsonProperty("step_s") double stepSeconds,
    @JsonProperty("floor_s") double floorSeconds,
    @JsonProperty("step_over_floor") double stepOverFloor,
    @JsonProperty("tokens_per_s") double tokensPerSecond,
    @JsonProperty("peak_rss_bytes") long peakRssBytes,
    @JsonProperty("peak_tensor_bytes") long peakTensorBytes,
    @JsonProperty("peak_device_bytes") long peakDeviceBytes,
    @JsonProperty("live_device_bytes") long liveDeviceBytes,
    @JsonProperty("minor_faults") long minorFaults,
    @JsonProperty("major_faults") long majorFaults,
    @JsonProperty("step_min_s") double stepMinimum,
    @JsonProperty("floor_min_s") double floorMinimum,
    @JsonProperty("floor_flops") long floorFlops,
    @JsonProperty("precision") String precision,
    @JsonProperty("model") String model,
    @JsonProperty("adapter") AdapterSpec adapter,
    @JsonProperty("batch") int batch,
    @JsonProperty("length") int length,
    @JsonProperty("steps") int steps,
    @JsonProperty("threads") int threads,
    @JsonProperty("libtorch") String libtorch,
    @JsonProperty("trainable_parameters") long trainable,
    @JsonProperty("all_parameters") long all,
    @JsonUnwrapped DeviceUtilization work,
    @JsonProperty("profile") @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable ProfileReport profile) {

  static StepReport of(
      BenchmarkSettings settings,
      StepTimes times,
      long flops,
      AdapterSummary plan,
      long peakDevice,
      long liveDevice,
      @Nullable ProfileReport profile) {
    double step = median(times.steps());
    double floor = median(times.floors());
    return new StepReport(
        step,
        floor,
        step / floor,
        (double) settings.batch() * settings.length() / step,
        ProcessMemory.peak(),
        TensorMemory.peakBytes(),
        peakDevice,
        liveDevice,
        Math.round(median(times.minorFaults())),
        Math.round(median(times.majorFaults())),
        Arrays.stream(times.steps()).min().orElseThrow(),
        Arrays.stream(times.floors()).min().orElseThrow(),
        flops,
        settings.precision().name().toLowerCase(Locale.ROOT),
        settings.model(),
        settings.adapter(),
        settings.batch(),
        settings.length(),
        settings.steps(),
        Torch.threads(),
        Torch.version(),
        plan.trainable(),
        plan.all(),
        DeviceUtilization.of(step, median(times.hosts()), flops, 0, StepGraph.NONE),
        profile);
  }

  /** A copy with values measured after the steps. */
  StepReport with(double peakRate, StepGraph graph) {
    return new StepReport(
        stepSeconds,
        floorSeconds,
        stepOverFloor,
        tokensPerSecond,
        peakRssBytes,
        peakTensorBytes,
        peakDeviceBytes,
        liveDeviceBytes,
        minorFaults,
        majorFaults,
        stepMinimum,
        floorMinimum,
        floorFlops,
        precision,
        model,
        adapter,
        batch,
        length,
        steps,
        threads,
        libtorch,
        trainable,
        all,
        DeviceUtilization.of(stepSeconds, work.hostSeconds(), floorFlops, peakRate, graph),
        profile);
  }

  /** The median; the mean of the two middle values of an even number. */
  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** The report as text. */
  public String text() {
    return profile == null ? summary() : summary() + "\n" + profile.text();
  }

  private String summary() {
    return String.format(
            Locale.ROOT,
            """
            %s, batch %d x %d, %s, %d threads, libtorch %s (medians of %d steps)
              step       %8.1f ms   %,.0f tokens/s
              floor      %8.1f ms   %,.0f GFLOP/s in the frozen GEMMs
              step/floor %8.2f
              peak memory %,d MB resident, %,d MB in tensors
              page faults %,d a step, %,d of them from disk
            """,
            model,
            batch,
            length,
            precision,
            threads,
            libtorch,
            steps,
            stepSeconds * 1e3,
            tokensPerSecond,
            floorSeconds * 1e3,
            floorFlops / floorSeconds / 1e9,
            stepOverFloor,
            peakRssBytes >> 20,
            peakTensorBytes >> 20,
            minorFaults + majorFaults,
            majorFaults)
        + work.text();
  }
}
