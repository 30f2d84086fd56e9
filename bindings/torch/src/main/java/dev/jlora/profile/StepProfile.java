package dev.jlora.profile;

import java.util.List;

/**
 * Distribution of one step's time.
 *
 * @param nanos the whole step; the sum of the cells
 * @param cells with calls or time
 * @param functions time in tape functions, inner phases included
 * @param usage resources that the process used during the step
 */
public record StepProfile(
    long nanos, List<Cell> cells, List<FunctionTime> functions, ProcessUsage usage) {
  public StepProfile {
    cells = List.copyOf(cells);
    functions = List.copyOf(functions);
  }

  /**
   * Time of one phase in one part of the step.
   *
   * @param within the outermost enclosing phase; the phase itself if there is none
   * @param nanos without nested phases
   * @param calls number of entries from another phase
   */
  public record Cell(Part part, Phase phase, Phase within, long nanos, long calls) {}

  /**
   * Time of one function in one part of the step.
   *
   * @param name of the function
   * @param nanos including nested phases
   */
  public record FunctionTime(Part part, String name, long nanos, long calls) {}

  /** Nanoseconds of a phase, in all parts and enclosing phases. */
  public long nanos(Phase phase) {
    return cells.stream().filter(cell -> cell.phase() == phase).mapToLong(Cell::nanos).sum();
  }
}
