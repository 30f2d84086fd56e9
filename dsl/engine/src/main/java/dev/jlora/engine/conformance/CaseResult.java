package dev.jlora.engine.conformance;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/**
 * Result of one reference case.
 *
 * @param name the case's folder
 * @param kind {@code forward}, {@code train}, {@code mixed}, {@code combined}, {@code image}, or
 *     the case's own
 * @param status passed or failed
 * @param deviation the largest deviation, as a multiple of its tolerance: 1 is the limit
 * @param worst the value with the largest deviation
 * @param compared number of tensors and numbers compared
 * @param message why it failed; empty if it passed
 */
public record CaseResult(
    @JsonProperty("name") String name,
    @JsonProperty("kind") String kind,
    @JsonProperty("status") Status status,
    @JsonProperty("deviation") double deviation,
    @JsonProperty("worst") String worst,
    @JsonProperty("compared") int compared,
    @JsonProperty("message") String message) {

  /** Outcome of a case. */
  public enum Status {
    PASSED,
    FAILED
  }

  static CaseResult failed(String name, String kind, String message) {
    return new CaseResult(name, kind, Status.FAILED, 0, "", 0, message);
  }

  /** The result as one line. */
  public String line() {
    String figures =
        compared == 0
            ? ""
            : String.format(
                Locale.ROOT,
                "%8.4f of its tolerance in %s (%d compared)",
                deviation,
                worst,
                compared);
    String text = message.isEmpty() ? figures : message;
    return String.format(
        Locale.ROOT,
        "%-6s  %-8s %-32s %s",
        status.name().toLowerCase(Locale.ROOT),
        kind,
        name,
        text);
  }
}
