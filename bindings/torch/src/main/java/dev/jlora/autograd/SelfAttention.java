package dev.jlora.autograd;

import dev.jlora.kernels.AttentionKernel;
import dev.jlora.kernels.DropMask;
import dev.jlora.kernels.UnpaddedRows;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Self-attention over fused queries, keys and values [b, s, 3 h d], as computed by one linear, to
 * [b, s, h d]. The tiled kernel reads and writes heads in place, so that nothing is sliced or
 * concatenated. The mask is as in {@link Attention}.
 *
 * @param unpadded the rows of an unpadded batch [1, T, 3 h d]; null for rows of equal length
 */
record SelfAttention(
    long heads,
    boolean causal,
    double scale,
    @Nullable DropMask drop,
    @Nullable UnpaddedRows unpadded)
    implements Function {
  /** Views of queries, keys and values [b, h, s, d] in the fused tensor or in its gradient. */
  static Tensor[] parts(Tensor fused, long heads) {
    long width = fused.size(2) / 3 / heads;
    Tensor split = Views.view(fused, fused.size(0), fused.size(1), 3, heads, width);
    Tensor[] parts = new Tensor[3];
    Arrays.setAll(parts, i -> Views.transpose(Views.select(split, 2, i), 1, 2));
    return parts;
  }

  /**
   * Uses this function if the kernel supports the input, otherwise slices it for {@link Attention}.
   */
  static Tensor apply(
      Tape tape,
      Tensor fused,
      long heads,
      @Nullable Tensor mask,
      boolean causal,
      double scale,
      double p,
      @Nullable RandomStream random) {
    Tensor[] parts = fused.contiguous() ? parts(fused, heads) : null;
    if (parts == null || !AttentionKernel.serves(parts[0], parts[1], parts[2])) {
      return inThree(tape, fused, heads, mask, causal, scale, p, random);
    }
    Attention.check(parts[0], parts[1], parts[2], mask);
    long numbers = AttentionKernel.numbers(parts[0], parts[1], causal, null);
    DropMask drop = p == 0 ? null : Functions.source(random).mask(p, numbers);
    return tape.apply(new SelfAttention(heads, causal, scale, drop, null), fused, mask);
  }

  private static Tensor inThree(
      Tape tape,
      Tensor fused,
      long heads,
      @Nullable Tensor mask,
      boolean causal,
      double scale,
      double p,
      @Nullable RandomStream random) {
    long[] s = fused.shape();
    long wide = s[2] / 3;
    Tensor[] parts = new Tensor[3];
    for (int i = 0; i < 3; i++) {
      Tensor part = Functions.slice(tape, fused, 2, i * wide, (i + 1) * wide);
      Tensor split = Functions.reshape(tape, part, s[0], s[1], heads, wide / heads);
      parts[i] = Functions.transpose(tape, split, 1, 2);
    }
    Tensor mixed =
        Functions.attention(tape, parts[0], parts[1], parts[2], mask, causal, scale, p, random);
    return Functions.reshape(tape, Functions.transpose(tape, mixed, 1, 2), s[0], s[1], wide);
  }

  @Override
  public Tensor forward(Context context, @Nullable Tensor... inputs) {
    Tensor[] parts = parts(inputs[0], heads);
    AttentionKernel.Result result = kernel(inputs[1]).forward(parts[0], parts[1], parts[2]);
    context.save(inputs[0], result.statistics(), inputs[1]);
    Tensor out = Views.transpose(result.out(), 1, 2);
    return Views.view(out, out.size(0), out.size(1), out.size(2) * out.size(3));
  }

  @Override
  public @Nullable Tensor[] backward(Context context, Tensor g) {
    Attention.refuseMaskGradient(context, 1);
    Tensor fused = context.saved(0);
    Tensor[] parts = parts(fused, heads);
    Tensor gradient = Tensor.emptyLike(fused);
    Tensor[] to = parts(gradient, heads);
    long[] shape = {g.size(0), g.size(1), heads, g.size(2) / heads};
    Tensor split = Views.transpose(Views.reshape(g, shape), 1, 2);
    kernel(context.saved(2))
        .backward(split, parts[0], parts[1], parts[2], context.saved(1), to[0], to[1], to[2]);
    return new Tensor[] {gradient, null};
  }

  private AttentionKernel kernel(@Nullable Tensor mask) {
    return new AttentionKernel(mask, causal, scale, drop, unpadded);
  }

  @Override
  public Memory gradientMemory() {
    return Memory.FRESH;
  }

  @Override
  public Phase phase() {
    return Phase.ATTENTION;
  }

  @Override
  public String name() {
    return "attention";
  }
}
