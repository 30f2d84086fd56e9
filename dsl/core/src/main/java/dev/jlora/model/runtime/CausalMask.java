package dev.jlora.model.runtime;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/**
 * What the tokens of a decoder see: themselves and what is before them, padding left out. A token
 * that sees nothing (padding on the left) attends to nothing and gets zeros, as in transformers.
 *
 * @param additive [B or 1, 1, S, T] of the model's precision, 0 where a token is seen and the
 *     lowest number where it is not; null where {@code causal} says it all
 * @param causal whether the kernel's own triangle is enough: nothing is padded
 * @param seeing [B, 1, S, 1]: 1 for a token that sees something, 0 for one that does not; null
 *     where all do
 */
public record CausalMask(@Nullable Tensor additive, boolean causal, @Nullable Tensor seeing) {

  /**
   * The mask of a pass.
   *
   * @param padding [B, T] INT64, 1 where a token is one, 0 where it is padding; null for none
   * @param past how many tokens a cache holds; T = past + queries
   * @param queries S, the tokens of this pass
   * @param window how many tokens a token sees, itself included; 0 for all before it
   */
  static CausalMask of(
      @Nullable Tensor padding, long past, long queries, long window, DType dtype, Device device) {
    long reach = window > 0 && window < past + queries ? window : 0;
    if (padding == null || AttentionMask.seesEverything(padding)) {
      boolean square = past == 0 && queries > 1;
      return reach == 0 && (past == 0 || queries == 1)
          ? new CausalMask(null, square, null)
          : new CausalMask(
              AttentionMask.hiding(unsqueezed(triangle(queries, past, reach, device)), dtype),
              false,
              null);
    }
    long batch = padding.size(0);
    long keys = padding.size(1);
    Tensor tokens = Views.view(Ops.to(padding, DType.FLOAT32), batch, 1, 1, keys);
    Tensor seen = Ops.mul(tokens, unsqueezed(triangle(queries, past, reach, device)));
    Tensor seeing = Reduce.amax(seen, true, 3);
    boolean all = reach == 0 && startsWithTokens(padding);
    return new CausalMask(
        AttentionMask.hiding(seen, dtype), false, all ? null : Ops.to(seeing, dtype));
  }

  /** The additive mask alone, also where a kernel would need none. */
  static Tensor bias(
      @Nullable Tensor padding, long past, long queries, DType dtype, Device device) {
    Tensor seen = unsqueezed(triangle(queries, past, 0, device));
    if (padding == null) {
      return AttentionMask.hiding(seen, dtype);
    }
    Tensor tokens =
        Views.view(Ops.to(padding, DType.FLOAT32), padding.size(0), 1, 1, padding.size(1));
    return AttentionMask.hiding(Ops.mul(tokens, seen), dtype);
  }

  /** [S, past + S] FLOAT32: 1 where a query may look; {@code reach} is 0 for all before it. */
  private static Tensor triangle(long queries, long past, long reach, Device device) {
    Tensor seen = Ops.tril(Tensor.ones(DType.FLOAT32, device, queries, past + queries), past);
    return reach == 0 ? seen : Ops.triu(seen, past - reach + 1);
  }

  private static Tensor unsqueezed(Tensor matrix) {
    return Views.view(matrix, 1, 1, matrix.size(0), matrix.size(1));
  }

  /** Whether no row is padded on the left; on a GPU, where looking would wait, it is not known. */
  private static boolean startsWithTokens(Tensor padding) {
    return padding.device().kind() == Device.Kind.CPU
        && AttentionMask.seesEverything(Ops.contiguous(Views.slice(padding, 1, 0, 1)));
  }

  /** The same, its tensors kept by {@code scope}. */
  CausalMask ownedBy(Scope scope) {
    if (additive != null) {
      scope.adopt(additive);
    }
    if (seeing != null) {
      scope.adopt(seeing);
    }
    return this;
  }

  /** Whether there are tokens that see nothing. */
  public boolean silences() {
    return seeing != null;
  }

  /** Attention's result [B, heads, S, d] without what comes from tokens that see nothing. */
  public Tensor silenced(Tape tape, Tensor mixed) {
    return seeing == null ? mixed : Functions.mul(tape, mixed, seeing);
  }
}
