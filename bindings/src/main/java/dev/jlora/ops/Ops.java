package dev.jlora.ops;

import static dev.jlora.tensor.Operator.some;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Direct;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * General tensor operators with PyTorch's meaning. Kernels of neural networks are in {@link
 * NeuralOps}, those of optimizers in {@link OptimizerOps}.
 */
public final class Ops {
  private static final Operator RESHAPE = Operator.of("aten::reshape");
  private static final Operator CAT = Operator.of("aten::cat");
  private static final Operator STACK = Operator.of("aten::stack");
  private static final Operator MM = Operator.of("aten::mm");
  private static final Operator BMM = Operator.of("aten::bmm");
  private static final Operator MATMUL = Operator.of("aten::matmul");
  private static final Operator LINEAR = Operator.of("aten::linear");
  private static final Operator DOT = Operator.of("aten::dot");
  private static final Operator MUL_DOT_TENSOR = Operator.of("aten::mul.Tensor");
  private static final Operator DIV_DOT_TENSOR = Operator.of("aten::div.Tensor");
  private static final Operator MAXIMUM = Operator.of("aten::maximum");
  private static final Operator MINIMUM = Operator.of("aten::minimum");
  private static final Operator NEG = Operator.of("aten::neg");
  private static final Operator EXP = Operator.of("aten::exp");
  private static final Operator LOG = Operator.of("aten::log");
  private static final Operator SQRT = Operator.of("aten::sqrt");
  private static final Operator RSQRT = Operator.of("aten::rsqrt");
  private static final Operator SQUARE = Operator.of("aten::square");
  private static final Operator ABS = Operator.of("aten::abs");
  private static final Operator RECIPROCAL = Operator.of("aten::reciprocal");
  private static final Operator TANH = Operator.of("aten::tanh");
  private static final Operator SIGMOID = Operator.of("aten::sigmoid");
  private static final Operator RELU = Operator.of("aten::relu");
  private static final Operator SILU = Operator.of("aten::silu");
  private static final Operator ERF = Operator.of("aten::erf");
  private static final Operator SIN = Operator.of("aten::sin");
  private static final Operator COS = Operator.of("aten::cos");
  private static final Operator ISFINITE = Operator.of("aten::isfinite");
  private static final Operator ALL = Operator.of("aten::all");
  private static final Operator ANY = Operator.of("aten::any");
  private static final Operator LOGICAL_NOT = Operator.of("aten::logical_not");
  private static final Operator LOGICAL_AND = Operator.of("aten::logical_and");
  private static final Operator GELU = Operator.of("aten::gelu");
  private static final Operator EQ_DOT_TENSOR = Operator.of("aten::eq.Tensor");
  private static final Operator NE_DOT_TENSOR = Operator.of("aten::ne.Tensor");
  private static final Operator LT_DOT_TENSOR = Operator.of("aten::lt.Tensor");
  private static final Operator LE_DOT_TENSOR = Operator.of("aten::le.Tensor");
  private static final Operator GT_DOT_TENSOR = Operator.of("aten::gt.Tensor");
  private static final Operator GE_DOT_TENSOR = Operator.of("aten::ge.Tensor");
  private static final Operator WHERE = Operator.of("aten::where.self");
  private static final Operator MASKED_FILL = Operator.of("aten::masked_fill.Tensor");
  private static final Operator TRIL = Operator.of("aten::tril");
  private static final Operator TRIU = Operator.of("aten::triu");
  private static final Operator FOREACH_ADDCMUL_ = Operator.of("aten::_foreach_addcmul_.Tensor");
  private static final Operator MUL_ = Operator.of("aten::mul_.Tensor");
  private static final Operator ZERO_ = Operator.of("aten::zero_");
  private static final Operator FILL_ = Operator.of("aten::fill_.Tensor");
  private static final Operator SUM = Operator.of("aten::sum");
  private static final Operator SUM_DIMS = Operator.of("aten::sum.dim_IntList");
  private static final Operator MEAN = Operator.of("aten::mean");
  private static final Operator MEAN_DIMS = Operator.of("aten::mean.dim");
  private static final Operator AMAX = Operator.of("aten::amax");
  private static final Operator ARGMAX = Operator.of("aten::argmax");
  private static final Operator VAR = Operator.of("aten::var.dim");
  private static final Operator CUMSUM = Operator.of("aten::cumsum");
  private static final Operator INDEX_SELECT = Operator.of("aten::index_select");
  private static final Operator GATHER = Operator.of("aten::gather");
  private static final Operator SCATTER_ADD = Operator.of("aten::scatter_add");
  private static final Operator INDEX = Operator.of("aten::index.Tensor");
  private static final Operator TOPK = Operator.of("aten::topk");
  private static final Operator SORT = Operator.of("aten::sort");
  private static final Operator SVD = Operator.of("aten::linalg_svd");
  private static final Operator QR = Operator.of("aten::linalg_qr");
  private static final Operator NORMAL_ = Operator.of("aten::normal_");
  private static final Operator UNIFORM_ = Operator.of("aten::uniform_");

  private Ops() {}

  // ---- views: the result shares the memory of its argument

  /** The same elements in another shape; one size may be -1. {@code x} must be contiguous. */
  public static Tensor view(Tensor x, long... shape) {
    return Views.view(x, shape);
  }

  /**
   * The same elements in another shape, copied only if {@code x} is not contiguous; one size may be
   * -1.
   */
  public static Tensor reshape(Tensor x, long... shape) {
    if (x.contiguous()) {
      return Views.view(x, shape);
    }
    return RESHAPE.one(x, Views.resolve(x, shape));
  }

  /** Two dimensions swapped. */
  public static Tensor transpose(Tensor x, int dim0, int dim1) {
    return Views.transpose(x, dim0, dim1);
  }

  /** Transpose of a matrix. */
  public static Tensor t(Tensor x) {
    if (x.rank() != 2) {
      throw new IllegalArgumentException("t: got %s, expected a matrix".formatted(x.describe()));
    }
    return Views.transpose(x, 0, 1);
  }

  /** Dimensions in another order. */
  public static Tensor permute(Tensor x, int... dims) {
    return Views.permute(x, dims);
  }

  /** Elements {@code start} (inclusive) to {@code end} (exclusive) of a dimension. */
  public static Tensor slice(Tensor x, int dim, long start, long end) {
    return Views.slice(x, dim, start, end);
  }

  /** One element of a dimension, which disappears. */
  public static Tensor select(Tensor x, int dim, long index) {
    return Views.select(x, dim, index);
  }

  /** A dimension of size 1 put in at {@code dim}. */
  public static Tensor unsqueeze(Tensor x, int dim) {
    return Views.unsqueeze(x, dim);
  }

  /** A dimension of size 1 taken out. */
  public static Tensor squeeze(Tensor x, int dim) {
    return Views.squeeze(x, dim);
  }

  /** Dimensions of size 1 repeated without memory; -1 keeps a size. */
  public static Tensor expand(Tensor x, long... shape) {
    return Views.expand(x, shape);
  }

  // ---- copies

  /** Row-major without gaps: another handle if {@code x} is already, a copy otherwise. */
  public static Tensor contiguous(Tensor x) {
    return x.contiguous() ? x.share() : clone(x);
  }

  /** A row-major copy. */
  public static Tensor clone(Tensor x) {
    Tensor copy = Tensor.emptyLike(x);
    copy.copyFrom(x);
    return copy;
  }

  /** Cast to a dtype: another handle if it has that dtype already. */
  public static Tensor to(Tensor x, DType dtype) {
    if (x.dtype() == dtype) {
      return x.share();
    }
    Tensor copy = Tensor.empty(dtype, x.device(), x.shape());
    copy.copyFrom(x);
    return copy;
  }

  /** Moved to a device: another handle if it is there already. */
  public static Tensor to(Tensor x, Device device) {
    if (x.device().equals(device)) {
      return x.share();
    }
    Tensor copy = Tensor.empty(x.dtype(), device, x.shape());
    copy.copyFrom(x);
    return copy;
  }

  /** Tensors joined along a dimension that they have. */
  public static Tensor cat(int dim, Tensor... tensors) {
    return CAT.one(tensors, dim);
  }

  /** Tensors joined along a new dimension. */
  public static Tensor stack(int dim, Tensor... tensors) {
    return STACK.one(tensors, dim);
  }

  // ---- products

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
   * out]. On the CPU oneDNN does it for FLOAT32 and BFLOAT16 where this build has it: it shares
   * libtorch's threads, while the BLAS brings a pool of its own that fights with them for the
   * cores.
   */
  public static Tensor linear(Tensor x, Tensor w, @Nullable Tensor bias) {
    boolean oneDnn =
        x.device().kind() == Device.Kind.CPU
            && (x.dtype() == DType.FLOAT32 || x.dtype() == DType.BFLOAT16)
            && x.dtype() == w.dtype()
            && x.rank() >= 2
            && w.rank() == 2
            && x.size(-1) == w.size(1)
            && x.elements() > 0
            && Direct.hasOneDnnLinear();
    if (!oneDnn) {
      return LINEAR.one(x, w, some(bias));
    }
    if (x.contiguous()) {
      return Direct.oneDnnLinear(x, w, bias);
    }
    try (var _ = Scope.open()) {
      return Scope.moveOut(Direct.oneDnnLinear(clone(x), w, bias));
    }
  }

  /** {@code beta * c + alpha * (a @ b)}: a [n, k], b [k, m], c broadcasts to [n, m]. */
  public static Tensor addmm(Tensor c, Tensor a, Tensor b, double beta, double alpha) {
    Tensor out = Tensor.empty(a.dtype(), a.device(), a.size(0), b.size(1));
    Direct.addmm(out, c, a, b, beta, alpha);
    return out;
  }

  /** Writes {@code beta * c + alpha * (a @ b)} into {@code out}, which may be {@code c}. */
  public static void addmmOut(Tensor out, Tensor c, Tensor a, Tensor b, double beta, double alpha) {
    if (out == c) {
      SplitProducts.matrices(
          out, a, b, (piece, left, right) -> Direct.addmm(piece, piece, left, right, beta, alpha));
    } else {
      Direct.addmm(out, c, a, b, beta, alpha);
    }
  }

  /** Writes {@code a @ b} into {@code out} [n, m]. */
  public static void mmOut(Tensor out, Tensor a, Tensor b) {
    SplitProducts.mm(out, a, b);
  }

  /** Writes the batched {@code a @ b} into {@code out} [b, n, m]. */
  public static void bmmOut(Tensor out, Tensor a, Tensor b) {
    SplitProducts.bmm(out, a, b);
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

  /** Dot product of two vectors, 0-dim. */
  public static Tensor dot(Tensor a, Tensor b) {
    return DOT.one(a, b);
  }

  // ---- elementwise, broadcasting

  /** {@code a + b}. */
  public static Tensor add(Tensor a, Tensor b) {
    return Direct.add(a, b, 1);
  }

  /** {@code a + alpha * b}. */
  public static Tensor add(Tensor a, Tensor b, double alpha) {
    return Direct.add(a, b, alpha);
  }

  /** {@code x + value}. */
  public static Tensor addScalar(Tensor x, double value) {
    return Direct.addScalar(x, value);
  }

  /** {@code a - b}. */
  public static Tensor sub(Tensor a, Tensor b) {
    return Direct.add(a, b, -1);
  }

  /** {@code a * b}. */
  public static Tensor mul(Tensor a, Tensor b) {
    return MUL_DOT_TENSOR.one(a, b);
  }

  /** {@code x * value}. */
  public static Tensor mul(Tensor x, double value) {
    return Direct.mulScalar(x, value);
  }

  /** {@code a / b}. */
  public static Tensor div(Tensor a, Tensor b) {
    return DIV_DOT_TENSOR.one(a, b);
  }

  /** {@code x ^ exponent}. */
  public static Tensor pow(Tensor x, double exponent) {
    return Direct.pow(x, exponent);
  }

  /** The larger of two. */
  public static Tensor maximum(Tensor a, Tensor b) {
    return MAXIMUM.one(a, b);
  }

  /** The smaller of two. */
  public static Tensor minimum(Tensor a, Tensor b) {
    return MINIMUM.one(a, b);
  }

  /** {@code max(x, bound)}. */
  public static Tensor clampMin(Tensor x, double bound) {
    try (var _ = Scope.open()) {
      return Scope.moveOut(MAXIMUM.one(x, Tensor.scalar(bound, x.dtype())));
    }
  }

  /** {@code -x}. */
  public static Tensor neg(Tensor x) {
    return NEG.one(x);
  }

  /** {@code e^x}. */
  public static Tensor exp(Tensor x) {
    return EXP.one(x);
  }

  /** Natural logarithm. */
  public static Tensor log(Tensor x) {
    return LOG.one(x);
  }

  /** Square root. */
  public static Tensor sqrt(Tensor x) {
    return SQRT.one(x);
  }

  /** {@code 1 / sqrt(x)}. */
  public static Tensor rsqrt(Tensor x) {
    return RSQRT.one(x);
  }

  /** {@code x * x}. */
  public static Tensor square(Tensor x) {
    return SQUARE.one(x);
  }

  /** Absolute value. */
  public static Tensor abs(Tensor x) {
    return ABS.one(x);
  }

  /** {@code 1 / x}. */
  public static Tensor reciprocal(Tensor x) {
    return RECIPROCAL.one(x);
  }

  /** Hyperbolic tangent. */
  public static Tensor tanh(Tensor x) {
    return TANH.one(x);
  }

  /** {@code 1 / (1 + e^-x)}. */
  public static Tensor sigmoid(Tensor x) {
    return SIGMOID.one(x);
  }

  /** {@code max(x, 0)}. */
  public static Tensor relu(Tensor x) {
    return RELU.one(x);
  }

  /** {@code x * sigmoid(x)}. */
  public static Tensor silu(Tensor x) {
    return SILU.one(x);
  }

  /** Error function. */
  public static Tensor erf(Tensor x) {
    return ERF.one(x);
  }

  /** Sine. */
  public static Tensor sin(Tensor x) {
    return SIN.one(x);
  }

  /** Cosine. */
  public static Tensor cos(Tensor x) {
    return COS.one(x);
  }

  /** BOOL: neither infinite nor NaN. */
  public static Tensor isfinite(Tensor x) {
    return ISFINITE.one(x);
  }

  /** 0-dim BOOL: whether every element is true. */
  public static Tensor all(Tensor x) {
    return ALL.one(x);
  }

  /** 0-dim BOOL: whether some element is true. */
  public static Tensor any(Tensor x) {
    return ANY.one(x);
  }

  /** Logical negation, BOOL. */
  public static Tensor logicalNot(Tensor x) {
    return LOGICAL_NOT.one(x);
  }

  /** Logical conjunction, BOOL. */
  public static Tensor logicalAnd(Tensor a, Tensor b) {
    return LOGICAL_AND.one(a, b);
  }

  /**
   * GELU: exact ({@code none}) or by tanh ({@code tanh}) (Hendrycks and Gimpel, arXiv 1606.08415).
   */
  public static Tensor gelu(Tensor x, String approximate) {
    return GELU.one(x, approximate);
  }

  /** BOOL: a == b. */
  public static Tensor eq(Tensor a, Tensor b) {
    return EQ_DOT_TENSOR.one(a, b);
  }

  /** BOOL: a != b. */
  public static Tensor ne(Tensor a, Tensor b) {
    return NE_DOT_TENSOR.one(a, b);
  }

  /** BOOL: a &lt; b. */
  public static Tensor lt(Tensor a, Tensor b) {
    return LT_DOT_TENSOR.one(a, b);
  }

  /** BOOL: a &lt;= b. */
  public static Tensor le(Tensor a, Tensor b) {
    return LE_DOT_TENSOR.one(a, b);
  }

  /** BOOL: a &gt; b. */
  public static Tensor gt(Tensor a, Tensor b) {
    return GT_DOT_TENSOR.one(a, b);
  }

  /** BOOL: a &gt;= b. */
  public static Tensor ge(Tensor a, Tensor b) {
    return GE_DOT_TENSOR.one(a, b);
  }

  /** {@code a} where {@code condition} (BOOL) holds, {@code b} elsewhere. */
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    return WHERE.one(condition, a, b);
  }

  /** {@code value} where {@code mask} (BOOL) holds, {@code x} elsewhere. */
  public static Tensor maskedFill(Tensor x, Tensor mask, double value) {
    try (var _ = Scope.open()) {
      return Scope.moveOut(MASKED_FILL.one(x, mask, Tensor.scalar(value, x.dtype())));
    }
  }

  /** Lower triangle of a matrix; {@code diagonal} 0 keeps the main one. */
  public static Tensor tril(Tensor x, long diagonal) {
    return TRIL.one(x, diagonal);
  }

  /** Upper triangle of a matrix; {@code diagonal} 0 keeps the main one. */
  public static Tensor triu(Tensor x, long diagonal) {
    return TRIU.one(x, diagonal);
  }

  // ---- in place

  /**
   * {@code dst += alpha * src}; FLOAT32, FLOAT64, BFLOAT16 and FLOAT16. Shapes and dtypes must
   * agree.
   */
  public static void addInPlace(Tensor dst, Tensor src, double alpha) {
    if (dst.dtype() != src.dtype() || !Arrays.equals(dst.shape(), src.shape())) {
      throw new IllegalArgumentException(
          "addInPlace: got %s += %s, expected one shape and dtype"
              .formatted(dst.describe(), src.describe()));
    }
    try (var _ = Scope.open()) {
      Tensor one = Tensor.scalar(1, dst.dtype());
      Tensor factor = Tensor.full(alpha, DType.FLOAT64, 1);
      FOREACH_ADDCMUL_.run(0, new Tensor[] {dst}, new Tensor[] {src}, new Tensor[] {one}, factor);
    }
  }

  /** {@code dst *= factor}. */
  public static void mulInPlace(Tensor dst, double factor) {
    try (var _ = Scope.open()) {
      MUL_.run(1, dst, Tensor.scalar(factor, dst.dtype()));
    }
  }

  /** {@code dst *= factor}, broadcasting the factor. */
  public static void mulInPlace(Tensor dst, Tensor factor) {
    MUL_.run(1, dst, factor);
  }

  /** Sets every element to zero. */
  public static void zeroInPlace(Tensor dst) {
    ZERO_.run(1, dst);
  }

  /** Sets every element to one value. */
  public static void fillInPlace(Tensor dst, double value) {
    try (var _ = Scope.open()) {
      FILL_.run(1, dst, Tensor.scalar(value, dst.dtype()));
    }
  }

  /** Copies values, casting and broadcasting. */
  public static void copyInPlace(Tensor dst, Tensor src) {
    dst.copyFrom(src);
  }

  // ---- reductions

  /** Sum of all elements, 0-dim. */
  public static Tensor sum(Tensor x) {
    return SUM.one(x, null);
  }

  /** Sum over dimensions. */
  public static Tensor sum(Tensor x, boolean keepDim, long... dims) {
    return SUM_DIMS.one(x, some(dims), keepDim, null);
  }

  /** Mean of all elements, 0-dim. */
  public static Tensor mean(Tensor x) {
    return MEAN.one(x, null);
  }

  /** Mean over dimensions. */
  public static Tensor mean(Tensor x, boolean keepDim, long... dims) {
    return MEAN_DIMS.one(x, some(dims), keepDim, null);
  }

  /** Largest element over dimensions; none named means all. */
  public static Tensor amax(Tensor x, boolean keepDim, long... dims) {
    return AMAX.one(x, dims, keepDim);
  }

  /** Index of the largest element of a dimension, INT64. */
  public static Tensor argmax(Tensor x, int dim, boolean keepDim) {
    return ARGMAX.one(x, some(dim), keepDim);
  }

  /** Variance over one dimension. */
  public static Tensor variance(Tensor x, int dim, boolean unbiased, boolean keepDim) {
    return VAR.one(x, some(new long[] {dim}), unbiased, keepDim);
  }

  /** Cumulative sum along a dimension. */
  public static Tensor cumsum(Tensor x, int dim) {
    return CUMSUM.one(x, dim, null);
  }

  // ---- indexing

  /** Rows {@code ids} (INT64, 1-D) of a dimension. */
  public static Tensor indexSelect(Tensor x, int dim, Tensor ids) {
    return INDEX_SELECT.one(x, dim, ids);
  }

  /** Elements picked along a dimension: {@code out[i][j] = x[i][ids[i][j]]} for {@code dim} 1. */
  public static Tensor gather(Tensor x, int dim, Tensor ids) {
    return GATHER.one(x, dim, ids, false);
  }

  /** {@code x} with {@code src} added at {@code ids} along a dimension (a copy). */
  public static Tensor scatterAdd(Tensor x, int dim, Tensor ids, Tensor src) {
    return SCATTER_ADD.one(x, dim, ids, src);
  }

  /** Elements at tuples of indices: {@code out[i] = x[ids0[i], ids1[i], ...]}. */
  public static Tensor index(Tensor x, Tensor... ids) {
    Operator.Some[] indices = new Operator.Some[ids.length];
    for (int i = 0; i < ids.length; i++) {
      indices[i] = new Operator.Some(ids[i]);
    }
    return INDEX.one(x, indices);
  }

  /** The k largest along a dimension, sorted: [values, indices]. */
  public static Tensor[] topk(Tensor x, long k, int dim) {
    return TOPK.many(2, x, k, dim, true, true);
  }

  /** Sorted along a dimension: [values, indices]. */
  public static Tensor[] sort(Tensor x, int dim, boolean descending) {
    return SORT.many(2, x, dim, descending);
  }

  /** 0 to n - 1, INT64. */
  public static Tensor arange(long n) {
    long[] values = new long[Math.toIntExact(n)];
    Arrays.setAll(values, i -> i);
    return Tensor.of(values, n);
  }

  // ---- linear algebra

  /** Thin singular value decomposition of a matrix: [U, S, V^T]. */
  public static Tensor[] svd(Tensor x) {
    return SVD.many(3, x, false, null);
  }

  /** Reduced QR decomposition of a matrix: [Q, R]. */
  public static Tensor[] qr(Tensor x) {
    return QR.many(2, x, "reduced");
  }

  // ---- random numbers from libtorch's default generator (seeded by Torch.seed)

  /** Normal values, written in place. */
  public static void normal(Tensor dst, double mean, double std) {
    NORMAL_.run(1, dst, mean, std, null);
  }

  /** Uniform values in [from, to), written in place. */
  public static void uniform(Tensor dst, double from, double to) {
    UNIFORM_.run(1, dst, from, to, null);
  }

  /** Standard normal values. */
  public static Tensor randn(DType dtype, long... shape) {
    Tensor x = Tensor.empty(dtype, shape);
    normal(x, 0, 1);
    return x;
  }

  /** Uniform values in [0, 1). */
  public static Tensor rand(DType dtype, long... shape) {
    Tensor x = Tensor.empty(dtype, shape);
    uniform(x, 0, 1);
    return x;
  }
}
