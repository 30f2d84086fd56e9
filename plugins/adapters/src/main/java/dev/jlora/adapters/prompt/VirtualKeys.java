package dev.jlora.adapters.prompt;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.KeyValueCache;
import dev.jlora.model.runtime.KeyValuePrefix;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Virtual tokens as keys and values of the attention layers: prefix tuning. */
final class VirtualKeys extends VirtualTokens {
  private final PromptShape shape;

  VirtualKeys(PromptShape shape, String taskType, Function<ForwardContext, Tensor> source) {
    super(shape.tokens(), taskType, source);
    this.shape = shape;
  }

  @Override
  public boolean isPrefix() {
    return true;
  }

  /** From [n, 2 layers * width]: for each layer its keys, then its values, of all heads. */
  @Override
  public KeyValuePrefix prefix(ForwardContext context) {
    Tape tape = context.tape();
    Tensor all =
        Functions.reshape(
            tape,
            tokens(context),
            shape.tokens(),
            2L * shape.layers(),
            shape.heads(),
            shape.width() / shape.heads());
    Tensor byLayer = Functions.permute(tape, all, 1, 2, 0, 3); // [2 layers, heads, n, size]
    List<KeyValueCache.Entry> layers = new ArrayList<>();
    for (int i = 0; i < 2 * shape.layers(); i += 2) {
      layers.add(
          new KeyValueCache.Entry(
              Functions.slice(tape, byLayer, 0, i, i + 1),
              Functions.slice(tape, byLayer, 0, i + 1, i + 2)));
    }
    return new KeyValuePrefix(layers);
  }
}
