package dev.jlora.adapters.oft;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/**
 * The rotations of a module's blocks: the Cayley transform R = (I - Q) (I + Q)^-1 of skew-symmetric
 * matrices Q, or the sum I + 2 Q + 2 Q^2 + ... that approximates it (arXiv 2506.19847, section 3).
 *
 * @param weight the upper triangles of Q, float32
 */
record Rotation(OftTarget target, Parameter weight) {

  /** A key of {@link #triangle} among a network's constants. */
  record Triangle(int size) {}

  Triangle key() {
    return new Triangle(target.size());
  }

  /** The places of the elements above the diagonal, counted row by row: INT64. */
  Tensor triangle() {
    int size = target.size();
    long[] places = new long[size * (size - 1) / 2];
    int at = 0;
    for (int row = 0; row < size; row++) {
      for (int column = row + 1; column < size; column++) {
        places[at++] = (long) row * size + column;
      }
    }
    return Tensor.of(places, places.length).to(device());
  }

  private Device device() {
    return weight.value().device();
  }

  /**
   * R [rotations, size, size].
   *
   * @param triangle as {@link #triangle} returns it
   */
  Tensor matrices(Tape tape, Tensor triangle) {
    long size = target.size();
    Tensor flat = Functions.scatter(tape, constrained(tape), triangle, size * size);
    Tensor upper = Functions.reshape(tape, flat, target.rotations(), size, size);
    Tensor q = Functions.sub(tape, upper, Functions.transpose(tape, upper, 1, 2));
    return target.spec().useCayleyNeumann()
        ? series(tape, q, target.spec().numCayleyNeumannTerms())
        : cayley(tape, q);
  }

  /** PEFT's sum: the last power counts once, and the fourth term changes nothing. */
  private Tensor series(Tape tape, Tensor q, int terms) {
    Tensor sum = Functions.add(tape, identity(), Functions.scale(tape, q, 2));
    if (terms == 2) {
      return sum;
    }
    Tensor power = Functions.matmul(tape, q, q);
    sum = Functions.add(tape, sum, Functions.scale(tape, power, 2));
    for (int i = 3; i < terms - 1; i++) {
      power = Functions.matmul(tape, power, q);
      sum = Functions.add(tape, sum, Functions.scale(tape, power, 2));
    }
    return Functions.add(tape, sum, Functions.matmul(tape, power, q));
  }

  /** R (I + Q) = I - Q, transposed: (I - Q) R^T = I + Q, since Q^T = -Q. */
  private Tensor cayley(Tape tape, Tensor q) {
    Tensor minus = Functions.sub(tape, identity(), q);
    Tensor plus = Functions.add(tape, identity(), q);
    return Functions.transpose(tape, Functions.solve(tape, minus, plus), 1, 2);
  }

  private Tensor identity() {
    Tensor ones = Tensor.ones(weight.value().dtype(), device(), target.size(), target.size());
    return Ops.sub(Ops.triu(ones, 0), Ops.triu(ones, 1));
  }

  /** The upper triangles, after the projection of constrained OFT, which has no gradient. */
  private Tensor constrained(Tape tape) {
    Tensor own = weight.value();
    return target.spec().coft() ? Functions.add(tape, own, Ops.sub(projected(), own)) : own;
  }

  /**
   * The upper triangles, scaled down where the norm of Q exceeds eps / sqrt(rotations), in the
   * current scope.
   */
  Tensor projected() {
    Tensor own = weight.value();
    double bound = target.spec().eps() / Math.sqrt(target.rotations());
    Tensor norm = Ops.sqrt(Ops.mul(Reduce.sum(Ops.square(own), true, 1), 2));
    Tensor limit = Tensor.full(bound, own.dtype(), own.device(), norm.shape());
    return Ops.where(Ops.le(norm, limit), own, Ops.mul(Ops.div(own, norm), bound));
  }

  /**
   * R with some blocks replaced by the identity.
   *
   * @param p the probability of a block
   */
  Tensor dropped(Tape tape, Tensor matrices, double p, @Nullable RandomStream random) {
    if (p == 0 || target.rotations() == 1) {
      return matrices;
    }
    Tensor ones = Tensor.ones(DType.FLOAT32, device(), target.rotations(), 1, 1);
    Tensor scaled = Functions.dropout(Tape.off(), ones, p, random);
    Tensor kept = Ops.to(Ops.gt(scaled, Tensor.zerosLike(scaled)), matrices.dtype());
    Tensor change = Functions.sub(tape, matrices, identity());
    return Functions.add(tape, identity(), Functions.mul(tape, change, kept));
  }

  /**
   * Rows multiplied by the matrices, block by block: x [..., blocks * size], in the wider dtype of
   * both.
   */
  Tensor rotated(Tape tape, Tensor x, Tensor matrices) {
    DType wide = x.dtype().bytes() > matrices.dtype().bytes() ? x.dtype() : matrices.dtype();
    Tensor rows = Functions.cast(tape, x, wide);
    Tensor r = Functions.cast(tape, matrices, wide);
    long size = target.size();
    Tensor product;
    if (target.rotations() == 1) {
      Tensor cut = Functions.reshape(tape, rows, -1, size);
      product = Functions.matmul(tape, cut, Functions.reshape(tape, r, size, size));
    } else {
      Tensor cut = Functions.reshape(tape, rows, -1, target.blocks(), size);
      Tensor byBlock = Functions.transpose(tape, cut, 0, 1);
      product = Functions.transpose(tape, Functions.matmul(tape, byBlock, r), 0, 1);
    }
    return Functions.reshape(tape, product, x.shape());
  }

  /** The matrices of the inverse rotations, up to the error of the approximation. */
  static Tensor transposed(Tape tape, Tensor matrices) {
    return Functions.transpose(tape, matrices, 1, 2);
  }

  /** The weight as rows of inputs: [out, inputs]. */
  static Tensor rows(Tensor weight, boolean transposed) {
    Tensor upright = transposed ? Views.t(weight) : weight;
    return upright.rank() == 2 ? upright : Views.reshape(upright, upright.size(0), -1);
  }
}
