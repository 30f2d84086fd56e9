package dev.jlora.peft.algebra;

import dev.jlora.model.runtime.LowRankPair;
import dev.jlora.ops.LinearAlgebra;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import java.util.List;

/**
 * A matrix as a product up · down of two factors, FLOAT64 on the CPU. Immutable; factors belong to
 * the scope in which they were computed. The rank may be higher than necessary.
 *
 * @param up [out, rank]
 * @param down [rank, in]; the kernel of a convolution is part of in
 */
public record LowRank(Tensor up, Tensor down) {

  public LowRank {
    if (up.rank() != 2 || down.rank() != 2 || up.size(1) != down.size(0)) {
      throw new IllegalArgumentException(
          "low-rank update: got factors of %s and %s, expected [out, rank] and [rank, in]"
              .formatted(Arrays.toString(up.shape()), Arrays.toString(down.shape())));
    }
  }

  /** The update of an adapter's layer, scaling included. */
  public static LowRank of(LowRankPair pair) {
    return factors(pair).times(pair.scaling());
  }

  /** The factors of an adapter's layer, without its scaling. */
  public static LowRank factors(LowRankPair pair) {
    return new LowRank(matrix(pair.up().value()), matrix(pair.down().value()));
  }

  /** A [rows, the rest] matrix of a tensor, in FLOAT64 on the CPU. */
  public static Tensor matrix(Tensor tensor) {
    Tensor exact = Ops.to(Ops.to(tensor, Device.CPU), DType.FLOAT64);
    return Views.reshape(exact, tensor.size(0), -1);
  }

  /** The sum, exactly, by concatenating the factors: its rank is the sum of the ranks. */
  public static LowRank sum(List<LowRank> terms) {
    LowRank first = terms.getFirst();
    for (LowRank term : terms) {
      if (term.out() != first.out() || term.in() != first.in()) {
        throw new IllegalArgumentException(
            "sum of low-rank updates: got %d x %d and %d x %d, expected equal sizes"
                .formatted(first.out(), first.in(), term.out(), term.in()));
      }
    }
    return new LowRank(
        Ops.cat(1, terms.stream().map(LowRank::up).toArray(Tensor[]::new)),
        Ops.cat(0, terms.stream().map(LowRank::down).toArray(Tensor[]::new)));
  }

  /** This update plus another, exactly. */
  public LowRank plus(LowRank other) {
    return sum(List.of(this, other));
  }

  /** This update minus another, exactly. */
  public LowRank minus(LowRank other) {
    return plus(other.times(-1));
  }

  /** A multiple of this update, of the same rank. */
  public LowRank times(double factor) {
    return factor == 1 ? this : new LowRank(Ops.mul(up, factor), down);
  }

  /** The number of columns of {@link #up}. */
  public int rank() {
    return (int) up.size(1);
  }

  /** The number of rows. */
  public long out() {
    return up.size(0);
  }

  /** The number of columns. */
  public long in() {
    return down.size(1);
  }

  /** The matrix, [out, in]. */
  public Tensor dense() {
    return Products.mm(up, down);
  }

  /** The Frobenius norm. */
  public double norm() {
    try (var _ = Scope.open()) {
      return Decomposition.of(this).norm();
    }
  }

  /**
   * A decomposition into singular values: QR of both factors, then the decomposition of the small
   * product of the two triangular matrices.
   */
  public Decomposition decompose() {
    return Decomposition.of(this);
  }

  /**
   * A singular value decomposition, u · diag(values) · v.
   *
   * @param u [out, k], orthonormal columns
   * @param values in descending order
   * @param v [k, in], orthonormal rows
   */
  public record Decomposition(Tensor u, double[] values, Tensor v) {

    static Decomposition of(LowRank update) {
      LinearAlgebra.Qr left = LinearAlgebra.qr(update.up);
      LinearAlgebra.Qr right = LinearAlgebra.qr(Ops.contiguous(Views.t(update.down)));
      LinearAlgebra.Svd small =
          LinearAlgebra.svd(Products.mm(left.r(), Ops.contiguous(Views.t(right.r()))));
      return new Decomposition(
          Products.mm(left.q(), small.u()),
          small.s().toDoubles(),
          Products.mm(small.vh(), Ops.contiguous(Views.t(right.q()))));
    }

    /** The decomposition of a dense matrix, FLOAT64. */
    public static Decomposition of(Tensor dense) {
      LinearAlgebra.Svd svd = LinearAlgebra.svd(dense);
      return new Decomposition(svd.u(), svd.s().toDoubles(), svd.vh());
    }

    /** The Frobenius norm of the matrix. */
    public double norm() {
      return tail(0);
    }

    /** The Frobenius norm of what {@link #rank(int)} leaves out. */
    public double tail(int rank) {
      double largest = values.length == 0 ? 0 : values[0];
      double sum = 0;
      for (int i = rank; i < values.length; i++) {
        sum += largest == 0 ? 0 : (values[i] / largest) * (values[i] / largest);
      }
      return largest * Math.sqrt(sum);
    }

    /**
     * The smallest rank that keeps a share of the squared norm.
     *
     * @param share above 0 and at most 1
     */
    public int rankOfShare(double share) {
      double all = norm();
      for (int rank = 0; rank < values.length; rank++) {
        double lost = all == 0 ? 0 : tail(rank) / all;
        if (1 - lost * lost >= share) {
          return rank;
        }
      }
      return values.length;
    }

    /**
     * The best approximation by this rank (Eckart and Young), with the singular values in {@code
     * up}. If the matrix has fewer singular values, the rank is their number.
     */
    public LowRank rank(int rank) {
      int kept = Math.min(rank, values.length);
      Tensor first = Tensor.of(Arrays.copyOf(values, kept), kept);
      return new LowRank(
          Ops.mul(Views.slice(u, 1, 0, kept), first), Ops.contiguous(Views.slice(v, 0, 0, kept)));
    }
  }
}
