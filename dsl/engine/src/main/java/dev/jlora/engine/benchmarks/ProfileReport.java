package dev.jlora.engine.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.jlora.profile.Part;
import dev.jlora.profile.Phase;
import dev.jlora.profile.StepProfile;
import dev.jlora.profile.StepProfile.Cell;
import dev.jlora.profile.StepProfile.FunctionTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * Distribution of a step's time: the medians of several steps, in milliseconds, largest first.
 * Phases are exclusive; functions include the phases inside them.
 *
 * @param stepMillis a whole step
 * @param userMillis processor time of all threads outside the kernel
 * @param systemMillis processor time of all threads in the kernel
 */
public record ProfileReport(
    @JsonProperty("step_ms") double stepMillis,
    @JsonProperty("phases") List<PhaseRow> phases,
    @JsonProperty("functions") List<FunctionRow> functions,
    @JsonProperty("user_ms") double userMillis,
    @JsonProperty("system_ms") double systemMillis) {
  private static final double MILLI = 1e6;
  private static final double WORTH_A_LINE = 0.001;

  /**
   * One phase.
   *
   * @param share of the step, 0 to 1
   * @param calls per step
   * @param within time by the outermost enclosing phase, except itself
   */
  public record PhaseRow(
      @JsonProperty("phase") String phase,
      @JsonProperty("ms") double millis,
      @JsonProperty("share") double share,
      @JsonProperty("calls") long calls,
      @JsonProperty("forward_ms") double forwardMillis,
      @JsonProperty("backward_ms") double backwardMillis,
      @JsonProperty("within_ms") Map<String, Double> within) {}

  /** One function of the tape. */
  public record FunctionRow(
      @JsonProperty("function") String function,
      @JsonProperty("forward_ms") double forwardMillis,
      @JsonProperty("backward_ms") double backwardMillis,
      @JsonProperty("calls") long calls) {}

  /**
   * The medians of several steps.
   *
   * @throws IllegalArgumentException if there are none
   */
  static ProfileReport of(List<StepProfile> steps) {
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("profile: got no steps, expected at least one");
    }
    double step = medianOf(steps, profile -> profile.nanos() / MILLI);
    List<PhaseRow> phases = new ArrayList<>();
    for (Phase phase : Phase.values()) {
      PhaseRow row = phase(steps, phase, step);
      if (row.millis() > 0 || row.calls() > 0) {
        phases.add(row);
      }
    }
    phases.sort(Comparator.comparingDouble(PhaseRow::millis).reversed());
    return new ProfileReport(
        step,
        phases,
        functions(steps),
        medianOf(steps, profile -> profile.usage().userNanos() / MILLI),
        medianOf(steps, profile -> profile.usage().systemNanos() / MILLI));
  }

  private static PhaseRow phase(List<StepProfile> steps, Phase phase, double step) {
    double millis = median(steps, cell -> cell.phase() == phase);
    Map<String, Double> within = new LinkedHashMap<>();
    for (Phase outer : Phase.values()) {
      double inside = median(steps, cell -> cell.phase() == phase && cell.within() == outer);
      if (outer != phase && inside > 0) {
        within.put(outer.label(), inside);
      }
    }
    double calls =
        medianOf(
            steps,
            profile ->
                profile.cells().stream()
                    .filter(cell -> cell.phase() == phase)
                    .mapToDouble(Cell::calls)
                    .sum());
    return new PhaseRow(
        phase.label(),
        millis,
        millis / step,
        Math.round(calls),
        median(steps, cell -> cell.phase() == phase && cell.part() == Part.FORWARD),
        median(steps, cell -> cell.phase() == phase && cell.part() == Part.BACKWARD),
        within);
  }

  private static List<FunctionRow> functions(List<StepProfile> steps) {
    Set<String> names = new LinkedHashSet<>();
    steps.forEach(step -> step.functions().forEach(time -> names.add(time.name())));
    List<FunctionRow> rows = new ArrayList<>();
    for (String name : names) {
      rows.add(
          new FunctionRow(
              name,
              functions(steps, name, Part.FORWARD, time -> time.nanos() / MILLI),
              functions(steps, name, Part.BACKWARD, time -> time.nanos() / MILLI),
              Math.round(functions(steps, name, Part.FORWARD, FunctionTime::calls))));
    }
    rows.sort(
        Comparator.comparingDouble((FunctionRow row) -> row.forwardMillis() + row.backwardMillis())
            .reversed());
    return rows;
  }

  private static double functions(
      List<StepProfile> steps, String name, Part part, ToDoubleFunction<FunctionTime> value) {
    return medianOf(
        steps,
        step ->
            step.functions().stream()
                .filter(time -> time.name().equals(name) && time.part() == part)
                .mapToDouble(value)
                .sum());
  }

  private static double median(List<StepProfile> steps, Predicate<Cell> wanted) {
    return medianOf(
        steps,
        step ->
            step.cells().stream().filter(wanted).mapToDouble(cell -> cell.nanos() / MILLI).sum());
  }

  private static double medianOf(List<StepProfile> steps, ToDoubleFunction<StepProfile> value) {
    return StepReport.median(steps.stream().mapToDouble(value).toArray());
  }

  /** The report as text. */
  public String text() {
    StringBuilder text = new StringBuilder();
    line(text, "phase", "ms", "% of step", "calls", "forward", "backward");
    for (PhaseRow row : phases) {
      line(
          text,
          row.phase(),
          millis(row.millis()),
          millis(100 * row.share()),
          Long.toString(row.calls()),
          millis(row.forwardMillis()),
          millis(row.backwardMillis()));
      row.within()
          .forEach(
              (outer, value) -> {
                if (value > WORTH_A_LINE * stepMillis) {
                  line(text, "  in " + outer, millis(value));
                }
              });
    }
    line(text, "step", millis(stepMillis), "100.0");
    line(text);
    line(text, "function", "ms", "% of step", "calls", "forward", "backward");
    for (FunctionRow row : functions) {
      double both = row.forwardMillis() + row.backwardMillis();
      line(
          text,
          row.function(),
          millis(both),
          millis(100 * both / stepMillis),
          Long.toString(row.calls()),
          millis(row.forwardMillis()),
          millis(row.backwardMillis()));
    }
    line(text);
    line(text, "all threads, user", millis(userMillis));
    line(text, "all threads, kernel", millis(systemMillis));
    return text.toString();
  }

  private static String millis(double value) {
    return String.format(Locale.ROOT, "%,.1f", value);
  }

  private static void line(StringBuilder text, String... cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.length; i++) {
      line.append(String.format(i == 0 ? "  %-22s" : "%11s", cells[i]));
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }
}
