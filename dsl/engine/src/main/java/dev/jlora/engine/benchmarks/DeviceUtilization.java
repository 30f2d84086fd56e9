package dev.jlora.engine.benchmarks;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Utilization of the device by a step.
 *
 * @param hostSeconds time in which the host queues a step; on the CPU the step itself
 * @param peakRate measured floating-point operations per second of large products
 * @param achievedRate operations of the frozen GEMMs divided by the time of the whole step
 * @param utilisation their ratio
 * @param kernels number of kernels, copies and fills of a step, counted in its capture; 0 if
 *     unknown
 * @param replaySeconds time of a captured step launched with one call; 0 if it was not captured
 * @param launchGap the additional time of the timed step
 * @param obstacle the reason why the step was not captured
 */
public record DeviceUtilization(
    @JsonProperty("host_s") double hostSeconds,
    @JsonProperty("gemm_peak_flops_per_s") double peakRate,
    @JsonProperty("achieved_flops_per_s") double achievedRate,
    @JsonProperty("utilisation") double utilisation,
    @JsonProperty("kernels_per_step") int kernels,
    @JsonProperty("replay_s") double replaySeconds,
    @JsonProperty("launch_gap_s") double launchGap,
    @JsonProperty("not_captured") @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable String obstacle) {

  static DeviceUtilization of(double step, double host, long flops, double peak, StepGraph graph) {
    double achieved = flops / step;
    return new DeviceUtilization(
        host,
        peak,
        achieved,
        peak == 0 ? 0 : achieved / peak,
        graph.kernels(),
        graph.seconds(),
        graph.seconds() == 0 ? 0 : Math.max(0, step - graph.seconds()),
        graph.obstacle());
  }

  /** The values as text lines. */
  String text() {
    String rate =
        String.format(
            Locale.ROOT,
            "  utilisation %5.1f %%    %,.2f TFLOP/s of %,.2f in large products%n",
            utilisation * 100,
            achievedRate / 1e12,
            peakRate / 1e12);
    String launches =
        obstacle == null
            ? String.format(
                Locale.ROOT,
                "  launches   %8d kernels, queued in %.1f ms; recorded, the step takes %.1f ms:"
                    + " %.1f ms are gaps%n",
                kernels,
                hostSeconds * 1e3,
                replaySeconds * 1e3,
                launchGap * 1e3)
            : String.format(Locale.ROOT, "  launches   not counted: %s%n", obstacle);
    return rate + launches;
  }
}
