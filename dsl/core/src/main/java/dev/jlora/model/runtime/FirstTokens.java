package dev.jlora.model.runtime;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.UnpaddedFunctions;
import dev.jlora.kernels.UnpaddedRows;
import dev.jlora.tensor.Tensor;

/** The first token of every sequence, as a sequence of length one. */
public final class FirstTokens {
  private FirstTokens() {}

  /**
   * The first tokens, from [B, S, ...], or unpadded [1, T, ...], to [B, 1, ...]; {@code x} itself
   * in a pass that requests all tokens.
   */
  public static Tensor of(Tensor x, ForwardContext pass) {
    if (pass.wantsAllTokens()) {
      return x;
    }
    UnpaddedRows unpadded = pass.unpadded();
    return unpadded != null && x.size(0) == 1 && x.size(1) == unpadded.tokens()
        ? UnpaddedFunctions.firstTokens(pass.tape(), x, unpadded)
        : Functions.slice(pass.tape(), x, 1, 0, 1);
  }
}
