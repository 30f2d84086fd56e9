package dev.jlora.autograd;

import dev.jlora.kernels.AttentionKernel;
import dev.jlora.kernels.DropMask;
import dev.jlora.kernels.UnpaddedRows;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Differentiable operations on unpadded batches: the rows follow one another, [1, T, ...], as
 * described by {@link UnpaddedRows}. Functions that process one token at a time need no variant.
 * CPU only; everything else as in {@link Functions}.
 */
public final class UnpaddedFunctions {
  private UnpaddedFunctions() {}

  /** The kept tokens of x [B, S, ...], as [1, T, ...]. */
  public static Tensor unpad(Tape tape, Tensor x, UnpaddedRows rows) {
    Unpadding.check("unpad", x, rows.batch(), rows.width());
    return tape.apply(new Unpadding.Unpad(rows), x);
  }

  /** x [1, T, ...] at the original places of its tokens, [B, S, ...], zeros elsewhere. */
  public static Tensor pad(Tape tape, Tensor x, UnpaddedRows rows) {
    Unpadding.check("pad", x, 1, rows.tokens());
    return tape.apply(new Unpadding.Pad(rows), x);
  }

  /** The first kept token of each row of x [1, T, ...], as [B, 1, ...]. */
  public static Tensor firstTokens(Tape tape, Tensor x, UnpaddedRows rows) {
    Unpadding.check("firstTokens", x, 1, rows.tokens());
    return tape.apply(new Unpadding.FirstTokens(rows), x);
  }

  /** Whether {@link #attention} supports these inputs; it has no fallback. */
  public static boolean attends(Tensor q, Tensor k, Tensor v) {
    return AttentionKernel.serves(q, k, v);
  }

  /** Whether {@link #selfAttention} supports this input, [1, T, 3 h d]. */
  public static boolean attends(Tensor fused, long heads) {
    if (!fused.contiguous()) {
      return false;
    }
    Tensor[] parts = SelfAttention.parts(fused, heads);
    return attends(parts[0], parts[1], parts[2]);
  }

  /**
   * {@link Functions#attention} in which tokens attend only to tokens of their own row.
   *
   * @param q [1, h, T, d], as k and v
   * @param mask additive, with q's dtype, one value per key: [1, 1, 1, T]; or null
   * @param causal whether a token attends only to the tokens of its row up to itself
   * @return [1, h, T, d]
   */
  public static Tensor attention(
      Tape tape,
      Tensor q,
      Tensor k,
      Tensor v,
      UnpaddedRows rows,
      @Nullable Tensor mask,
      boolean causal,
      double scale,
      double p,
      @Nullable RandomStream random) {
    check(q, k, v, rows, mask);
    DropMask drop = drop(q, k, rows, causal, p, random);
    return tape.apply(new Attention.Tiled(causal, scale, drop, rows), q, k, v, mask);
  }

  /**
   * {@link Functions#selfAttention} in which tokens attend only to tokens of their own row.
   *
   * @param fused [1, T, 3 h d]
   * @param mask as in {@link #attention}
   * @return [1, T, h d]
   */
  public static Tensor selfAttention(
      Tape tape,
      Tensor fused,
      long heads,
      UnpaddedRows rows,
      @Nullable Tensor mask,
      boolean causal,
      double scale,
      double p,
      @Nullable RandomStream random) {
    Tensor[] parts = SelfAttention.parts(fused, heads);
    check(parts[0], parts[1], parts[2], rows, mask);
    DropMask drop = drop(parts[0], parts[1], rows, causal, p, random);
    return tape.apply(new SelfAttention(heads, causal, scale, drop, rows), fused, mask);
  }

  private static @Nullable DropMask drop(
      Tensor q,
      Tensor k,
      UnpaddedRows rows,
      boolean causal,
      double p,
      @Nullable RandomStream random) {
    return p == 0
        ? null
        : Functions.source(random).mask(p, AttentionKernel.numbers(q, k, causal, rows));
  }

  private static void check(
      Tensor q, Tensor k, Tensor v, UnpaddedRows rows, @Nullable Tensor mask) {
    Attention.check(q, k, v, mask);
    long[] keys = {1, 1, 1, rows.tokens()};
    if (q.size(0) != 1 || q.size(2) != rows.tokens() || k.size(2) != rows.tokens()) {
      throw new IllegalArgumentException(
          "attention: got q %s and k %s, expected [1, h, %d, d], the unpadded rows"
              .formatted(q.describe(), k.describe(), rows.tokens()));
    }
    if (mask != null && !Arrays.equals(mask.shape(), keys)) {
      throw new IllegalArgumentException(
          "attention: got a mask %s, expected %s, one value per unpadded key"
              .formatted(mask.describe(), Arrays.toString(keys)));
    }
    if (!attends(q, k, v)) {
      throw new IllegalArgumentException(
          "attention: got %s, which no kernel supports unpadded; pad and use Functions.attention"
              .formatted(q.describe()));
    }
  }
}
