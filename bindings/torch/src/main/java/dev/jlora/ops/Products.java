package dev.jlora.ops;

import static dev.jlora.tensor.Operator.some;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Direct;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.TorchException;
import org.jspecify.annotations.Nullable;

/** Products of vectors, matrices and batches of matrices. All arguments have the same dtype. */
public final class Products {
  private static final Operator MM = Operator.of("aten::mm");
  private static final Operator BMM = Operator.of("aten::bmm");
  private static final Operator MATMUL = Operator.of("aten::matmul");
  private static final Operator LINEAR = Operator.of("aten::linear");
  private static final Operator DOT = Operator.of("aten::dot");

  private Products() {}

  /** Matrix product: [n, k] x [k, m] to [n, m]. */
  public static Tensor mm(Tensor a, Tensor b) {
    if (a.rank() != 2 || b.rank() != 2 || a.size(1) != b.size(0) || a.dtype() != b.dtype()) {
      return MM.one(a, b); // libtorch says what does not fit
    }
    Tensor out = Tensor.empty(a.dtype(), a.device(), a.size(0), b.size(1));
    SplitProducts.mm(out, a, b);
    return out;
  }

  /** Batched matrix product: [b, n, k] x [b, k, m] to [b, n, m]. */
  public static Tensor bmm(Tensor a, Tensor b) {
    if (a.rank() != 3 || b.rank() != 3 || a.size(0) != b.size(0) || a.dtype() != b.dtype()) {
      return BMM.one(a, b); // libtorch says what does not fit
    }
    Tensor out = Tensor.empty(a.dtype(), a.device(), a.size(0), a.size(1), b.size(2));
    SplitProducts.bmm(out, a, b);
    return out;
  }

  /** Matrix product with broadcast batch dimensions: [..., n, k] x [..., k, m] to [..., n, m]. */
  public static Tensor matmul(Tensor a, Tensor b) {
    return MATMUL.one(a, b);
  }

  /**
   * {@code x @ w^T + bias}: x [..., in], w [out, in] with any strides, bias [out] or null, to [...,
   * out]. On the CPU oneDNN computes it for FLOAT32 and, if the processor has the instructions, for
   * BFLOAT16: it uses libtorch's threads, while the BLAS has its own pool, which would compete with
   * them for the cores.
   */
  public static Tensor linear(Tensor x, Tensor w, @Nullable Tensor bias) {
    boolean oneDnn =
        x.device().kind() == Device.Kind.CPU
            && x.dtype() == w.dtype()
            && x.rank() >= 2
            && w.rank() == 2
            && x.size(-1) == w.size(1)
            && x.elements() > 0
            && oneDnnComputes(x.dtype());
    if (!oneDnn) {
      return LINEAR.one(x, w, some(bias));
    }
    if (x.contiguous()) {
      return Direct.oneDnnLinear(x, w, bias);
    }
    try (var _ = Scope.open()) {
      return Scope.moveOut(Direct.oneDnnLinear(Ops.clone(x), w, bias));
    }
  }

  private static boolean oneDnnComputes(DType dtype) {
    return Direct.hasOneDnnLinear()
        && (dtype == DType.FLOAT32 || dtype == DType.BFLOAT16 && Bfloat16.IN_ONE_DNN);
  }

  /**
   * oneDNN has BFLOAT16 products for AVX-512 and newer instructions only, and does not report this.
   */
  private static final class Bfloat16 {
    static final boolean IN_ONE_DNN = computes();

    private static boolean computes() {
      try (var _ = Scope.open()) {
        Tensor square = Tensor.zeros(DType.BFLOAT16, 2, 2);
        Direct.oneDnnLinear(square, square, null);
        return true;
      } catch (TorchException _) {
        return false;
      }
    }
  }

  /** {@code beta * c + alpha * (a @ b)}: a [n, k], b [k, m], c broadcasts to [n, m]. */
  public static Tensor addmm(Tensor c, Tensor a, Tensor b, double beta, double alpha) {
    Tensor out = Tensor.empty(a.dtype(), a.device(), a.size(0), b.size(1));
    Direct.addmm(out, c, a, b, beta, alpha);
    return out;
  }

  /** Dot product of two vectors, 0-dim. */
  public static Tensor dot(Tensor a, Tensor b) {
    return DOT.one(a, b);
  }

  // ---- into memory that is there

  /** Writes {@code beta * c + alpha * (a @ b)} into {@code out}, which may be {@code c}. */
  public static void addmmOut(Tensor out, Tensor c, Tensor a, Tensor b, double beta, double alpha) {
    if (out == c) {
      SplitProducts.matrices(
          out, a, b, (piece, left, right) -> Direct.addmm(piece, piece, left, right, beta, alpha));
    } else {
      Direct.addmm(out, c, a, b, beta, alpha);
    }
  }

  /**
   * Writes the batched {@code beta * c + alpha * (a @ b)} into {@code out}, which may be {@code c}.
   */
  public static void baddbmmOut(
      Tensor out, Tensor c, Tensor a, Tensor b, double beta, double alpha) {
    if (out == c) {
      SplitProducts.batches(
          out,
          a,
          b,
          (piece, left, right) -> Direct.baddbmm(piece, piece, left, right, beta, alpha));
    } else {
      Direct.baddbmm(out, c, a, b, beta, alpha);
    }
  }
}
