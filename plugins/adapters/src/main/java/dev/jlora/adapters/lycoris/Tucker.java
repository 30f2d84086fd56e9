package dev.jlora.adapters.lycoris;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.Start;
import dev.jlora.tensor.Tensor;

/** The products and initialization that LoHa and LoKr share. */
final class Tucker {
  private Tucker() {}

  /**
   * The kernel of a convolution in Tucker form: the sum of t[i, j, k, l] a[i, p] b[j, r] over i and
   * j (Proposition 3 of arXiv 2108.06098).
   *
   * @param t [rank, rank, height, width]
   * @param a [rank, out]
   * @param b [rank, in]
   * @return [out, in, height, width]
   */
  static Tensor kernel(Tape tape, Tensor t, Tensor a, Tensor b) {
    long rank = t.size(0);
    long height = t.size(2);
    long width = t.size(3);
    Tensor rows = Functions.transpose(tape, a, 0, 1); // [out, i]
    Tensor flat = Functions.reshape(tape, t, rank, rank * height * width);
    Tensor left = Functions.matmul(tape, rows, flat); // [out, j k l]
    Tensor parted = Functions.reshape(tape, left, a.size(1), rank, height * width);
    Tensor last = Functions.transpose(tape, parted, 1, 2); // [out, k l, j]
    Tensor right = Functions.matmul(tape, last, b); // [out, k l, in]
    Tensor kernel = Functions.transpose(tape, right, 1, 2);
    return Functions.reshape(tape, kernel, a.size(1), b.size(1), height, width);
  }

  /** A parameter that starts Kaiming-uniform with a = sqrt(5): within 1 / sqrt(fan-in). */
  static OwnParameter random(String name, long... shape) {
    long fanIn = 1;
    for (int i = 1; i < shape.length; i++) {
      fanIn *= shape[i];
    }
    return new OwnParameter(name, Start.uniform(1 / Math.sqrt(fanIn)), shape);
  }

  /** A parameter that starts at zero, or at random. */
  static OwnParameter zero(boolean zero, String name, long... shape) {
    return zero ? new OwnParameter(name, Start.ZEROS, shape) : random(name, shape);
  }
}
