package dev.jlora.engine.adapters;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a merge changed, and how closely the merged model computes what the adapter computed. All
 * merged values are finite: a merge with others is rejected.
 *
 * @param dtype of the weights, in which merged weights are rounded
 * @param modules number of modules with a merged update
 * @param replaced parameters that the adapter trained in full, whose values replace the base's
 * @param tied tied weights that the merge changed, each with the weight it is tied to
 * @param probe the comparison of outputs; null for a model that reads neither tokens nor images
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MergeCertificate(
    @JsonProperty("dtype") String dtype,
    @JsonProperty("modules") int modules,
    @JsonProperty("replaced") List<String> replaced,
    @JsonProperty("tied") List<String> tied,
    @JsonProperty("probe") @Nullable Probe probe) {

  /** The file in the folder of a merged model. */
  public static final String FILE = "merge_certificate.json";

  public MergeCertificate {
    replaced = List.copyOf(replaced);
    tied = List.copyOf(tied);
  }

  /**
   * Outputs on random inputs.
   *
   * @param rows of the inputs
   * @param tokens per row; for images, their patches
   * @param outputs the outputs that were compared
   * @param largestDifference between merged and unmerged outputs
   * @param bound on that difference from rounding; see {@link RoundingNoise}
   * @param adapterEffect largest difference between the outputs with and without the adapter
   */
  public record Probe(
      @JsonProperty("rows") int rows,
      @JsonProperty("tokens") int tokens,
      @JsonProperty("outputs") List<String> outputs,
      @JsonProperty("largest_difference") double largestDifference,
      @JsonProperty("bound") double bound,
      @JsonProperty("adapter_effect") double adapterEffect) {

    public Probe {
      outputs = List.copyOf(outputs);
    }

    /** Whether rounding explains the difference. */
    @JsonProperty("within_bound")
    public boolean withinBound() {
      return largestDifference <= bound;
    }
  }

  /** The certificate as lines of text. */
  public String text() {
    StringBuilder text =
        new StringBuilder(
            "merged %d %s in %s%s"
                .formatted(
                    modules,
                    modules == 1 ? "module" : "modules",
                    dtype,
                    replaced.isEmpty()
                        ? ""
                        : ", replaced %d parameters trained in full".formatted(replaced.size())));
    if (!tied.isEmpty()) {
      text.append("%nchanged tied weights: %s".formatted(String.join(", ", tied)));
    }
    if (probe != null) {
      text.append(
          String.format(
              Locale.ROOT,
              "%nlargest difference of %s on %d random inputs: %.2g (%s the rounding bound %.2g;"
                  + " the adapter changes them by %.2g)",
              String.join(", ", probe.outputs),
              probe.rows,
              probe.largestDifference,
              probe.withinBound() ? "within" : "ABOVE",
              probe.bound,
              probe.adapterEffect));
    }
    return text.toString();
  }
}
