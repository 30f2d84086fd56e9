package com.example.twin;

import dev.jlora.autograd.Functions;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;

/** The mean of the tokens that are not padding, [B, S, width] to [B, width]. */
record MeanOfTokens() implements Layer {
  @Override
  public Module build(Assembly assembly) {
    return (x, pass) -> {
      Tensor seen = Ops.to(pass.require("attention_mask"), x.dtype()); // [B, S]
      Tensor shares = Ops.div(seen, Reduce.sum(seen, /* keepDim= */ true, 1));
      Tensor mean = Functions.matmul(pass.tape(), Views.unsqueeze(shares, 1), x); // [B, 1, width]
      return Functions.select(pass.tape(), mean, 1, 0);
    };
  }
}
