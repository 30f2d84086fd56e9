package dev.jlora.cuda.blas;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One cuBLAS product: C = epilogue(alpha op(A) op(B) + beta C), in column-major order. A row-major
 * matrix read in column-major order is its own transpose; a product of row-major matrices is
 * therefore expressed as the product of the transposes, with A and B swapped.
 *
 * @param transA whether op(A) is the transpose
 * @param transB whether op(B) is the transpose
 * @param m rows of C in cuBLAS's view
 * @param n columns of C in cuBLAS's view
 * @param k the summed dimension
 * @param a location of A
 * @param b location of B
 * @param c location of C
 * @param batch number of products, at equal strides of each operand
 * @param epilogue applied to a result before it is written
 * @param bias the buffer [m] of the epilogue, null without one
 */
public record Gemm(
    boolean transA,
    boolean transB,
    int m,
    int n,
    int k,
    Operand a,
    Operand b,
    Operand c,
    double alpha,
    double beta,
    int batch,
    Epilogue epilogue,
    @Nullable String bias)
    implements Step {

  /**
   * Location of a matrix.
   *
   * @param offset of its first element in the buffer
   * @param ld elements from one column to the next
   * @param stride elements to the next matrix of a batch
   * @param reach minimum number of elements of the buffer
   */
  public record Operand(String buffer, long offset, int ld, long stride, long reach) {}

  /** Operation applied to a result before it is written. */
  public enum Epilogue {
    /** Nothing. */
    NONE,
    /** Adds a bias, one number for each row in cuBLAS's view. */
    BIAS,
    /** Adds a bias, then applies GELU with the tanh approximation. */
    GELU_BIAS
  }

  /**
   * target = alpha left right + beta target, for row-major matrices.
   *
   * @throws IllegalArgumentException if shapes do not match, or if the target is transposed
   */
  public static Gemm of(Matrix target, Matrix left, Matrix right, double alpha, double beta) {
    boolean fits =
        !target.transposed()
            && left.width() == right.height()
            && target.height() == left.height()
            && target.width() == right.width();
    if (!fits) {
      throw new IllegalArgumentException(
          "product: got %s = %s %s, expected [n, m] = [n, k] [k, m]"
              .formatted(target, left, right));
    }
    return new Gemm(
        right.transposed(),
        left.transposed(),
        Math.toIntExact(target.columns()),
        Math.toIntExact(target.rows()),
        Math.toIntExact(left.width()),
        operand(right, 1),
        operand(left, 1),
        operand(target, 1),
        alpha,
        beta,
        1,
        Epilogue.NONE,
        null);
  }

  /** The same for a batch of matrices at their given strides. */
  public static Gemm batch(
      int batch, Matrix target, Matrix left, Matrix right, double alpha, double beta) {
    Gemm one = of(target, left, right, alpha, beta);
    return new Gemm(
        one.transA,
        one.transB,
        one.m,
        one.n,
        one.k,
        operand(right, batch),
        operand(left, batch),
        operand(target, batch),
        alpha,
        beta,
        batch,
        Epilogue.NONE,
        null);
  }

  /** This product with an epilogue. */
  public Gemm with(Epilogue what, String biasBuffer) {
    return new Gemm(transA, transB, m, n, k, a, b, c, alpha, beta, batch, what, biasBuffer);
  }

  private static Operand operand(Matrix matrix, int batch) {
    return new Operand(
        matrix.buffer(),
        matrix.offset(),
        Math.toIntExact(matrix.ld()),
        matrix.stride(),
        matrix.reach(batch));
  }

  /** Number of multiplications and additions. */
  public long flops() {
    return 2L * m * n * k * batch;
  }

  @Override
  public List<Gemm> products() {
    return List.of(this);
  }
}
