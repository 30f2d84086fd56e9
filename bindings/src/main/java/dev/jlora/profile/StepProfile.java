package dev.jlora.profile;

import java.util.List;

/**
 * Where one step's time went.
 *
 * @param nanos the whole step; the cells add up to it
 * @param cells those with calls or time
 * @param functions time in functions of the tape, inner phases included
 * @param usage what the process used during the step
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
   * @param within the outermost phase around it, itself if there is none
   * @param nanos without the phases inside it
   * @param calls how often it was entered from another phase
   */
  public record Cell(Part part, Phase phase, Phase within, long nanos, long calls) {}

  /**
   * Time of one function in one part of the step.
   *
   * @param name as the function calls itself
   * @param nanos with all phases inside it
   */
  public record FunctionTime(Part part, String name, long nanos, long calls) {}

  /** Nanoseconds of a phase, over all parts and whatever it is in. */
  public long nanos(Phase phase) {
    return cells.stream().filter(cell -> cell.phase() == phase).mapToLong(Cell::nanos).sum();
  }
}
