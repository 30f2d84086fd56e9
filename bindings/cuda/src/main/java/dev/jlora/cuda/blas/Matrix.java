package dev.jlora.cuda.blas;

/**
 * A row-major matrix in a named buffer, or a batch of matrices at equal distances.
 *
 * @param buffer name of the tensor
 * @param offset of its first element in the buffer
 * @param rows as stored
 * @param columns as stored
 * @param ld elements from one row to the next
 * @param transposed whether a product uses its transpose
 * @param stride elements from one matrix of a batch to the next
 */
public record Matrix(
    String buffer, long offset, long rows, long columns, long ld, boolean transposed, long stride) {

  /**
   * @throws IllegalArgumentException for an empty matrix, or one with overlapping rows
   */
  public Matrix {
    if (rows < 1 || columns < 1 || ld < columns || offset < 0 || stride < 0) {
      throw new IllegalArgumentException(
          "matrix '%s': got %d x %d at %d with %d from row to row, expected 1 x 1 or more, and rows apart"
              .formatted(buffer, rows, columns, offset, ld));
    }
  }

  /** The whole buffer as a matrix. */
  public static Matrix of(String buffer, long rows, long columns) {
    return new Matrix(buffer, 0, rows, columns, columns, false, 0);
  }

  /** Its transpose; no data is moved. */
  public Matrix t() {
    return new Matrix(buffer, offset, rows, columns, ld, !transposed, stride);
  }

  /** Some of its rows, as stored. */
  public Matrix rows(long first, long count) {
    return new Matrix(buffer, offset + first * ld, count, columns, ld, transposed, stride);
  }

  /** Some of its columns, as stored. */
  public Matrix columns(long first, long count) {
    return new Matrix(buffer, offset + first, rows, count, ld, transposed, stride);
  }

  /** The first of a batch, with {@code elements} from one matrix to the next. */
  public Matrix every(long elements) {
    return new Matrix(buffer, offset, rows, columns, ld, transposed, elements);
  }

  /** Number of rows in a product. */
  public long height() {
    return transposed ? columns : rows;
  }

  /** Number of columns in a product. */
  public long width() {
    return transposed ? rows : columns;
  }

  /** Minimum number of elements of the buffer, for a batch of this size. */
  long reach(int batch) {
    return offset + (batch - 1) * stride + (rows - 1) * ld + columns;
  }

  @Override
  public String toString() {
    return "%s[%d, %d]%s".formatted(buffer, rows, columns, transposed ? "^T" : "");
  }
}
