package dev.jlora.model.layers;

import dev.jlora.model.runtime.Adaptable;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.ops.Indexing;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * Learned positions that skip padding: of ids [B, S] INT64 the n-th token that is not padding (from
 * 1) gets row {@code padding + n}, padding gets row {@code padding}. The result is [B, S, width].
 * RoBERTa counts this way, so its table has {@code padding + 1} more rows than its maximum length.
 * With virtual tokens as inputs every token counts, as in transformers for inputs without ids; a
 * prefix is counted before the text.
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
    return (main, pass) -> rows.forward(positions(pass), pass);
  }

  private Tensor positions(ForwardContext pass) {
    Tensor ids = pass.require(input);
    return pass.virtualInputs() > 0
        ? Ops.to(
            Ops.addScalar(Indexing.arange(ids.size(1), ids.device()), padding + 1), DType.INT64)
        : positions(ids, pass.past());
  }

  private Tensor positions(Tensor ids, long past) {
    Tensor start = Tensor.full(padding, DType.INT64, ids.device(), 1);
    Tensor token = Ops.to(Ops.ne(ids, start), DType.INT64);
    Tensor count = Reduce.cumsum(token, 1);
    count = Ops.mul(past == 0 ? count : Ops.addScalar(count, past), token);
    return Ops.to(Ops.addScalar(count, padding), DType.INT64); // by way of floats: exact to 2^24
  }
}
