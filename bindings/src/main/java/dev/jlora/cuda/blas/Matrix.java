package dev.jlora.cuda.blas;

/**
 * A matrix that lies row by row in a named buffer, or one for each of a batch at equal distances.
 *
 * @param buffer which tensor it is in
 * @param offset of its first element there
 * @param rows as it lies in memory
 * @param columns as it lies in memory
 * @param ld elements from one row to the next
 * @param transposed whether a product takes its transpose
 * @param stride elements from one matrix of a batch to the next
 */
public record Matrix(
    String buffer, long offset, long rows, long columns, long ld, boolean transposed, long stride) {

  /**
   * @throws IllegalArgumentException for a matrix whose rows overlap, or without elements
   */
  public Matrix {
    if (rows < 1 || columns < 1 || ld < columns || offset < 0 || stride < 0) {
      throw new IllegalArgumentException(
          "matrix '%s': got %d x %d at %d with %d from row to row, expected 1 x 1 or more, and rows apart"
              .formatted(buffer, rows, columns, offset, ld));
    }
  }

  /** All of a buffer. */
  public static Matrix of(String buffer, long rows, long columns) {
    return new Matrix(buffer, 0, rows, columns, columns, false, 0);
  }

  /** Its transpose; nothing moves. */
  public Matrix t() {
    return new Matrix(buffer, offset, rows, columns, ld, !transposed, stride);
  }

  /** Some of its rows, as they lie in memory. */
  public Matrix rows(long first, long count) {
    return new Matrix(buffer, offset + first * ld, count, columns, ld, transposed, stride);
  }

  /** Some of its columns, as they lie in memory. */
  public Matrix columns(long first, long count) {
    return new Matrix(buffer, offset + first, rows, count, ld, transposed, stride);
  }

  /** The first of a batch, with so many elements from one to the next. */
  public Matrix every(long elements) {
    return new Matrix(buffer, offset, rows, columns, ld, transposed, elements);
  }

  /** Rows as a product sees them. */
  public long height() {
    return transposed ? columns : rows;
  }

  /** Columns as a product sees them. */
  public long width() {
    return transposed ? rows : columns;
  }

  /** Elements that the buffer must have, for a batch of so many. */
  long reach(int batch) {
    return offset + (batch - 1) * stride + (rows - 1) * ld + columns;
  }

  @Override
  public String toString() {
    return "%s[%d, %d]%s".formatted(buffer, rows, columns, transposed ? "^T" : "");
  }
}
