package dev.jlora.ops;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Direct;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Shapes;
import dev.jlora.tensor.Tensor;

/**
 * Copies, casts and elementwise operators with PyTorch's semantics, including broadcasting. See
 * also {@link Products}, {@link Reduce}, {@link Indexing}, {@link InPlace}, {@link RandomOps},
 * {@link NeuralOps} and {@link OptimizerOps}; for views see {@link dev.jlora.tensor.Views}.
 */
public final class Ops {
  private static final Filling CAT = Filling.of("aten::cat", "aten::cat.out");
  private static final Operator STACK = Operator.of("aten::stack");
  private static final Filling MUL = Filling.of("aten::mul.Tensor", "aten::mul.out");
  private static final Operator DIV = Operator.of("aten::div.Tensor");
  private static final Operator MINIMUM = Operator.of("aten::minimum");
  private static final Operator RECIPROCAL = Operator.of("aten::reciprocal");
  private static final Operator MAXIMUM = Operator.of("aten::maximum");
  private static final Operator NEG = Operator.of("aten::neg");
  private static final Operator EXP = Operator.of("aten::exp");
  private static final Operator LOG = Operator.of("aten::log");
  private static final Operator SQRT = Operator.of("aten::sqrt");
  private static final Operator RSQRT = Operator.of("aten::rsqrt");
  private static final Operator SQUARE = Operator.of("aten::square");
  private static final Operator ABS = Operator.of("aten::abs");
  private static final Filling TANH = Filling.of("aten::tanh", "aten::tanh.out");
  private static final Filling SIGMOID = Filling.of("aten::sigmoid", "aten::sigmoid.out");
  private static final Filling RELU = Filling.of("aten::relu", "aten::relu.out");
  private static final Filling SILU = Filling.of("aten::silu", "aten::silu.out");
  private static final Operator SIN = Operator.of("aten::sin");
  private static final Operator COS = Operator.of("aten::cos");
  private static final Filling GELU = Filling.of("aten::gelu", "aten::gelu.out");
  private static final Operator EQ = Operator.of("aten::eq.Tensor");
  private static final Operator NE = Operator.of("aten::ne.Tensor");
  private static final Operator LT = Operator.of("aten::lt.Tensor");
  private static final Operator LE = Operator.of("aten::le.Tensor");
  private static final Operator GT = Operator.of("aten::gt.Tensor");
  private static final Operator GE = Operator.of("aten::ge.Tensor");
  private static final Operator WHERE = Operator.of("aten::where.self");
  private static final Operator MASKED_FILL = Operator.of("aten::masked_fill.Tensor");
  private static final Operator TRIL = Operator.of("aten::tril");
  private static final Operator TRIU = Operator.of("aten::triu");

  private Ops() {}

  // ---- copies

  /** Row-major without gaps: another handle if {@code x} is so already, a copy otherwise. */
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

  /** Moved to a device: another handle if it is on that device already. */
  public static Tensor to(Tensor x, Device device) {
    if (x.device().equals(device)) {
      return x.share();
    }
    Tensor copy = Tensor.empty(x.dtype(), device, x.shape());
    copy.copyFrom(x);
    return copy;
  }

  /** Tensors joined along an existing dimension. */
  public static Tensor cat(int dim, Tensor... tensors) {
    Tensor first = tensors[0];
    long[] shape = first.shape();
    int along = Shapes.dim(dim, shape.length);
    for (int i = 1; i < tensors.length; i++) {
      if (!fits(first, tensors[i], along)) {
        return CAT.making().one(tensors, dim); // libtorch promotes dtypes, or says what is wrong
      }
      shape[along] += tensors[i].size(along);
    }
    return CAT.shaped(first, shape, tensors, dim);
  }

  private static boolean fits(Tensor first, Tensor other, int along) {
    if (other.dtype() != first.dtype() || other.rank() != first.rank()) {
      return false;
    }
    for (int d = 0; d < first.rank(); d++) {
      if (d != along && other.size(d) != first.size(d)) {
        return false;
      }
    }
    return true;
  }

  /** Tensors joined along a new dimension. */
  public static Tensor stack(int dim, Tensor... tensors) {
    return STACK.one(tensors, dim);
  }

  // ---- arithmetic

  /** {@code a + b}. */
  public static Tensor add(Tensor a, Tensor b) {
    return add(a, b, 1);
  }

  /** {@code a + alpha * b}. */
  public static Tensor add(Tensor a, Tensor b, double alpha) {
    if (!Filling.alike(a, b) || !b.contiguous() || !Pieces.worthwhile(a)) {
      return Direct.add(a, b, alpha);
    }
    Tensor sum = Tensor.emptyLike(a);
    Pieces.fill(
        a.elements() / a.size(-1),
        new Tensor[] {sum},
        new Tensor[] {a, b},
        parts -> new Tensor[] {Direct.add(parts[0], parts[1], alpha)});
    return sum;
  }

  /** {@code x + value}. */
  public static Tensor addScalar(Tensor x, double value) {
    return Direct.addScalar(x, value);
  }

  /** {@code a - b}. */
  public static Tensor sub(Tensor a, Tensor b) {
    return add(a, b, -1);
  }

  /** {@code a * b}. */
  public static Tensor mul(Tensor a, Tensor b) {
    return MUL.like(a, a, b);
  }

  /** {@code x * value}. */
  public static Tensor mul(Tensor x, double value) {
    if (!x.dtype().floating() || !Pieces.worthwhile(x)) {
      return Direct.mulScalar(x, value);
    }
    Tensor product = Tensor.emptyLike(x);
    Pieces.fill(
        x.elements() / x.size(-1),
        new Tensor[] {product},
        new Tensor[] {x},
        parts -> new Tensor[] {Direct.mulScalar(parts[0], value)});
    return product;
  }

  /** {@code a / b}. */
  public static Tensor div(Tensor a, Tensor b) {
    return DIV.one(a, b);
  }

  /** {@code x ^ exponent}. */
  public static Tensor pow(Tensor x, double exponent) {
    return Direct.pow(x, exponent);
  }

  /** {@code max(x, bound)}. */
  public static Tensor clampMin(Tensor x, double bound) {
    try (var _ = Scope.open()) {
      return Scope.moveOut(MAXIMUM.one(x, Tensor.scalar(bound, x.dtype())));
    }
  }

  /** Elementwise maximum. */
  public static Tensor maximum(Tensor a, Tensor b) {
    return MAXIMUM.one(a, b);
  }

  /** Elementwise minimum. */
  public static Tensor minimum(Tensor a, Tensor b) {
    return MINIMUM.one(a, b);
  }

  /** {@code 1 / x}. */
  public static Tensor reciprocal(Tensor x) {
    return RECIPROCAL.one(x);
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

  /** Hyperbolic tangent. */
  public static Tensor tanh(Tensor x) {
    return TANH.like(x, x);
  }

  /** {@code 1 / (1 + e^-x)}. */
  public static Tensor sigmoid(Tensor x) {
    return SIGMOID.like(x, x);
  }

  /** {@code max(x, 0)}. */
  public static Tensor relu(Tensor x) {
    return RELU.like(x, x);
  }

  /** {@code x * sigmoid(x)}. */
  public static Tensor silu(Tensor x) {
    return SILU.like(x, x);
  }

  /** Sine. */
  public static Tensor sin(Tensor x) {
    return SIN.one(x);
  }

  /** Cosine. */
  public static Tensor cos(Tensor x) {
    return COS.one(x);
  }

  /**
   * GELU: exact ({@code none}) or with the tanh approximation ({@code tanh}) (Hendrycks and Gimpel,
   * arXiv 1606.08415).
   */
  public static Tensor gelu(Tensor x, String approximate) {
    return GELU.like(x, x, approximate);
  }

  // ---- comparison and choice

  /** BOOL: a == b. */
  public static Tensor eq(Tensor a, Tensor b) {
    return EQ.one(a, b);
  }

  /** BOOL: a != b. */
  public static Tensor ne(Tensor a, Tensor b) {
    return NE.one(a, b);
  }

  /** BOOL: a &lt; b. */
  public static Tensor lt(Tensor a, Tensor b) {
    return LT.one(a, b);
  }

  /** BOOL: a &lt;= b. */
  public static Tensor le(Tensor a, Tensor b) {
    return LE.one(a, b);
  }

  /** BOOL: a &gt; b. */
  public static Tensor gt(Tensor a, Tensor b) {
    return GT.one(a, b);
  }

  /** BOOL: a &gt;= b. */
  public static Tensor ge(Tensor a, Tensor b) {
    return GE.one(a, b);
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

  /** Lower triangle of a matrix; {@code diagonal} 0 includes the main diagonal. */
  public static Tensor tril(Tensor x, long diagonal) {
    return TRIL.one(x, diagonal);
  }

  /** Upper triangle of a matrix; {@code diagonal} 0 includes the main diagonal. */
  public static Tensor triu(Tensor x, long diagonal) {
    return TRIU.one(x, diagonal);
  }
}
