package dev.jlora.cuda.blas;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One product as cuBLAS is asked for it: C = epilogue(alpha op(A) op(B) + beta C), column by column
 * in memory. A matrix that lies row by row is, read column by column, its own transpose; so a
 * product of such matrices is asked for as that of the transposes, with A and B changing places.
 *
 * @param transA whether op is the transpose
 * @param transB whether op is the transpose
 * @param m rows of C as cuBLAS sees it
 * @param n columns of C as cuBLAS sees it
 * @param k what is summed over
 * @param a where A lies
 * @param b where B lies
 * @param c where C lies
 * @param batch how many products, each operand one stride further on
 * @param epilogue what happens to a result before it is written
 * @param bias the buffer [m] of the epilogue, null without
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
   * Where a matrix lies.
   *
   * @param offset of its first element in the buffer
   * @param ld elements from one column to the next
   * @param stride elements to the next matrix of a batch
   * @param reach elements that the buffer must have
   */
  public record Operand(String buffer, long offset, int ld, long stride, long reach) {}

  /** What happens to a result before it is written. */
  public enum Epilogue {
    /** Nothing. */
    NONE,
    /** A bias is added, one number for each row as cuBLAS sees it. */
    BIAS,
    /** A bias is added, then GELU by the tangent. */
    GELU_BIAS
  }

  /**
   * target = alpha left right + beta target, of matrices that lie row by row.
   *
   * @throws IllegalArgumentException if shapes do not fit, or if the target is transposed
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

  /** The same for a batch of matrices at the strides that they were given. */
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

  /** The same with an epilogue. */
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

  /** Multiplications and additions. */
  public long flops() {
    return 2L * m * n * k * batch;
  }

  @Override
  public List<Gemm> products() {
    return List.of(this);
  }
}
