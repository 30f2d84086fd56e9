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
 * The causal mask of a decoder: tokens attend to themselves and earlier ones, except padding. A
 * token that attends to nothing (padding on the left) has the result zero, as in transformers.
 *
 * @param additive [B or 1, 1, S, T] of the model's precision, 0 for visible tokens and the lowest
 *     number otherwise; null if {@code causal} is sufficient
 * @param causal whether the kernel's own triangular mask is sufficient: nothing is padded
 * @param seeing [B, 1, S, 1]: 1 for a token that attends to something, 0 otherwise; null if all do
 */
public record CausalMask(@Nullable Tensor additive, boolean causal, @Nullable Tensor seeing) {

  /**
   * The mask of a pass.
   *
   * @param padding [B, T] INT64, 1 for tokens, 0 for padding; null for none
   * @param past number of tokens in the cache; T = past + queries
   * @param queries S, the tokens of this pass
   * @param window number of tokens that a token attends to, including itself; 0 for all earlier
   *     ones
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

  /** The additive mask, even if a kernel would not need one. */
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

  /** [S, past + S] FLOAT32: 1 for visible positions; {@code reach} is 0 for all earlier ones. */
  private static Tensor triangle(long queries, long past, long reach, Device device) {
    Tensor seen = Ops.tril(Tensor.ones(DType.FLOAT32, device, queries, past + queries), past);
    return reach == 0 ? seen : Ops.triu(seen, past - reach + 1);
  }

  private static Tensor unsqueezed(Tensor matrix) {
    return Views.view(matrix, 1, 1, matrix.size(0), matrix.size(1));
  }

  /** Whether no row is padded on the left; false on a GPU, where it is not read. */
  private static boolean startsWithTokens(Tensor padding) {
    return padding.device().kind() == Device.Kind.CPU
        && AttentionMask.seesEverything(Ops.contiguous(Views.slice(padding, 1, 0, 1)));
  }

  /** A copy whose tensors belong to {@code scope}. */
  CausalMask ownedBy(Scope scope) {
    if (additive != null) {
      scope.adopt(additive);
    }
    if (seeing != null) {
      scope.adopt(seeing);
    }
    return this;
  }

  /** Whether there are tokens that attend to nothing. */
  public boolean silences() {
    return seeing != null;
  }

  /** Attention's result [B, heads, S, d] with zeros for tokens that attend to nothing. */
  public Tensor silenced(Tape tape, Tensor mixed) {
    return seeing == null ? mixed : Functions.mul(tape, mixed, seeing);
  }
}
