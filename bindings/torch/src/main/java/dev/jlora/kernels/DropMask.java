package dev.jlora.kernels;

import dev.jlora.ops.Ops;
import dev.jlora.profile.Phase;
import dev.jlora.profile.Profiler;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A dropout mask, represented by the numbers that generate it: it is never stored but recomputed
 * when needed. Sixteen random bits decide one element, so the probability of keeping one is a
 * multiple of 1/65536, and {@link #scale()} is exactly its inverse.
 *
 * <p>The mask is a function of seed, offset, element index and element size only: it depends
 * neither on the number of threads nor on whether memory is overwritten.
 *
 * @param seed of the random stream
 * @param offset of the first number, a multiple of {@link Threefry#TILE}
 * @param keep number of the 65536 values of sixteen bits that keep an element
 */
public record DropMask(long seed, long offset, int keep) {
  private static final int ALL = 1 << 16;

  /**
   * A mask that drops elements with probability {@code p}.
   *
   * @throws IllegalArgumentException unless p is from 0 to 1
   */
  public static DropMask of(long seed, long offset, double p) {
    checkProbability(p);
    return new DropMask(seed, offset, ALL - (int) Math.round(p * ALL));
  }

  private static void checkProbability(double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("dropout: got p = " + p + ", expected 0 <= p <= 1");
    }
  }

  /** The mask after {@code numbers} more random numbers, a multiple of {@link Threefry#TILE}. */
  DropMask after(long numbers) {
    return numbers == 0 ? this : new DropMask(seed, offset + numbers, keep);
  }

  /** The factor for kept elements that preserves the expected value: 1 / P(keep). */
  public double scale() {
    return keep == 0 ? 0 : (double) ALL / keep;
  }

  /** The dropout probability. */
  public double probability() {
    return 1 - (double) keep / ALL;
  }

  /**
   * The seed of a GPU's generator for this mask: the finalizer of SplitMix64 over seed and offset.
   */
  public long deviceSeed() {
    long z = seed + offset * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** mask * x * factor, in new memory. */
  public Tensor times(Tensor x, double factor) {
    if (!x.device().host()) {
      return DeviceMask.times(this, x, factor);
    }
    Tensor out = Tensor.empty(x.dtype(), x.shape());
    write(out, Ops.contiguous(x), null, factor);
    return out;
  }

  /** addend + mask * x * factor, in new memory; the addend has x's shape and dtype. */
  public Tensor timesPlus(Tensor x, double factor, Tensor addend) {
    if (!x.device().host()) {
      return Ops.add(addend, DeviceMask.times(this, x, factor));
    }
    Tensor out = Tensor.empty(x.dtype(), x.shape());
    write(out, Ops.contiguous(x), Ops.contiguous(addend), factor);
    return out;
  }

  /** x = mask * x * factor. */
  public void timesInPlace(Tensor x, double factor) {
    if (x.contiguous()) {
      write(x, x, null, factor);
    } else {
      x.copyFrom(times(x, factor));
    }
  }

  /** sum = sum + mask * x * factor; the sum is contiguous and has x's shape and dtype. */
  public void addTo(Tensor sum, Tensor x, double factor) {
    write(sum, Ops.contiguous(x), sum, factor);
  }

  private void write(Tensor out, Tensor x, @Nullable Tensor addend, double factor) {
    if (addend != null
        && (addend.dtype() != x.dtype() || !Arrays.equals(addend.shape(), x.shape()))) {
      throw new IllegalArgumentException(
          "dropout: got a residual %s, expected the shape and dtype of the input, %s"
              .formatted(addend.describe(), x.describe()));
    }
    if (!x.device().host()) {
      DeviceMask.write(this, out, x, addend, factor);
      return;
    }
    try (var _ = Profiler.enter(Phase.DROPOUT)) {
      switch (x.dtype()) {
        case FLOAT32 -> DropKernel.run(this, floats(factor), out, x, addend);
        case BFLOAT16 ->
            DropKernel.run(
                this, (o, i, a) -> new DropBfloat16(o, i, a, keep, (float) factor), out, x, addend);
        default -> writeThroughMask(out, x, addend, factor);
      }
    }
  }

  private DropKernel.Worker floats(double factor) {
    return (out, x, addend) -> new DropFloat(out, x, addend, keep, (float) factor);
  }

  /** Generic implementation for other dtypes: builds the mask as a tensor. */
  private void writeThroughMask(Tensor out, Tensor x, @Nullable Tensor addend, double factor) {
    Tensor mask = Tensor.ones(DType.FLOAT32, x.shape());
    DropKernel.run(this, floats(1), mask, mask, null);
    Tensor kept = Ops.mul(Ops.mul(x, Ops.to(mask, x.dtype())), factor);
    out.copyFrom(addend == null ? kept : Ops.add(addend, kept));
  }
}
