package dev.jlora.model.layers;

import dev.jlora.model.runtime.Adaptable;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * Learned positions that skip padding: of ids [B, S] INT64 the n-th token that is not padding (from
 * 1) gets row {@code padding + n}, padding gets row {@code padding}. The result is [B, S, width].
 * RoBERTa counts this way, so its table has {@code padding + 1} more rows than its maximum length.
 *
 * @param input the input with the ids ({@code input_ids})
 * @param padding the padding token, and the row before the first position
 */
public record TokenPositions(String input, long padding, Layer table) implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(table);
  }

  @Override
  public Module build(Assembly assembly) {
    Adaptable rows = assembly.build(table, Adaptable.class);
    return (main, pass) -> rows.forward(positions(pass.require(input)), pass);
  }

  private Tensor positions(Tensor ids) {
    Tensor start = Tensor.full(padding, DType.INT64, ids.device(), 1);
    Tensor token = Ops.to(Ops.ne(ids, start), DType.INT64);
    Tensor count = Ops.mul(Reduce.cumsum(token, 1), token);
    return Ops.to(Ops.addScalar(count, padding), DType.INT64); // by way of floats: exact to 2^24
  }
}
