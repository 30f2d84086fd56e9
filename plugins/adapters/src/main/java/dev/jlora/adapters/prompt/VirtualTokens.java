package dev.jlora.adapters.prompt;

import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.InputTransform;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** What virtual tokens as inputs and as keys have in common: mask, positions, token types. */
abstract class VirtualTokens implements InputTransform {
  private final int count;
  private final boolean dropsTypes;
  private final Function<ForwardContext, Tensor> source;

  /**
   * @param taskType PEFT's, or empty; PEFT ignores token types for some
   * @param source computes the virtual tokens of a pass, [n, width] in float32
   */
  VirtualTokens(int count, String taskType, Function<ForwardContext, Tensor> source) {
    this.count = count;
    this.dropsTypes = taskType.equals("CAUSAL_LM") || taskType.equals("FEATURE_EXTRACTION");
    this.source = source;
  }

  @Override
  public final int virtualTokens() {
    return count;
  }

  /** The virtual tokens of a pass, [n, width]. */
  final Tensor tokens(ForwardContext context) {
    return source.apply(context);
  }

  /** The mask covers the virtual tokens, too, and positions continue after them. */
  @Override
  public Map<String, Tensor> batch(Map<String, Tensor> inputs, ForwardContext context) {
    Map<String, Tensor> batch = new LinkedHashMap<>(inputs);
    batch.computeIfPresent("attention_mask", (_, mask) -> prepend(1, mask));
    batch.computeIfPresent("position_ids", (_, positions) -> moved(positions));
    if (dropsTypes) {
      batch.remove("token_type_ids");
    }
    return batch;
  }

  /** [B, S] INT64 with a column of {@code value} before it for each virtual token. */
  final Tensor prepend(long value, Tensor columns) {
    Tensor first =
        Tensor.full(value, DType.INT64, columns.device(), columns.size(0), virtualTokens());
    return Ops.cat(1, first, columns);
  }

  /** Positions after those of the virtual tokens. */
  final Tensor moved(Tensor positions) {
    return Ops.to(Ops.addScalar(positions, count), DType.INT64);
  }
}
