package dev.jlora.engine.conformance;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/**
 * Result of one reference case.
 *
 * @param name the case's folder
 * @param kind {@code forward}, {@code train}, {@code mixed}, {@code combined}, {@code image}, or
 *     the case's own
 * @param status passed, failed, or not yet supported (which does not count as passed)
 * @param deviation the largest deviation, as a multiple of its tolerance: 1 is the limit
 * @param worst the value with the largest deviation
 * @param compared number of tensors and numbers compared
 * @param message why it failed or is not supported; empty if it passed
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
    FAILED,
    UNSUPPORTED
  }

  static CaseResult failed(String name, String kind, String message) {
    return new CaseResult(name, kind, Status.FAILED, 0, "", 0, message);
  }

  static CaseResult unsupported(String name, String kind, String reason) {
    return new CaseResult(name, kind, Status.UNSUPPORTED, 0, "", 0, "not yet supported: " + reason);
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
        "%-11s  %-8s %-32s %s",
        status.name().toLowerCase(Locale.ROOT),
        kind,
        name,
        text);
  }
}
