package dev.jlora.adapters.prompt;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Precision;
import dev.jlora.ops.Indexing;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Virtual tokens as inputs: prompt tuning and P-tuning. */
final class VirtualInputs extends VirtualTokens {
  private static final String IDS = "input_ids";

  /** Positions of an answer in the text. */
  private static final List<String> PLACES = List.of("start_positions", "end_positions");

  private static final long UNLABELLED = -100;

  VirtualInputs(int count, String taskType, Function<ForwardContext, Tensor> source) {
    super(count, taskType, source);
  }

  @Override
  public Map<String, Tensor> batch(Map<String, Tensor> inputs, ForwardContext context) {
    Map<String, Tensor> batch = super.batch(inputs, context);
    Tensor ids = inputs.get(IDS);
    if (context.past() > 0 || ids == null || ids.rank() != 2) { // a wrong batch is refused later
      return batch;
    }
    batch.put(IDS, prepend(0, ids));
    batch.computeIfPresent("token_type_ids", (_, types) -> prepend(0, types));
    batch.computeIfPresent("position_ids", (_, positions) -> withFirst(positions));
    batch.computeIfPresent(
        "labels", (_, labels) -> perToken(labels, ids) ? prepend(UNLABELLED, labels) : labels);
    PLACES.forEach(name -> batch.computeIfPresent(name, (_, places) -> moved(places)));
    return batch;
  }

  private static boolean perToken(Tensor labels, Tensor ids) {
    return labels.dtype() == DType.INT64 && Arrays.equals(labels.shape(), ids.shape());
  }

  /** Moved positions with 0 to n - 1 before them. */
  private Tensor withFirst(Tensor moved) {
    Tensor first = Indexing.arange(virtualTokens(), moved.device());
    return Ops.cat(1, Views.expand(first, moved.size(0), virtualTokens()), moved);
  }

  @Override
  public Tensor embeddings(Tensor rows, ForwardContext context) {
    Tape tape = context.tape();
    Tensor own = Precision.cast(context, tokens(context), rows.dtype());
    long width = rows.size(2);
    Tensor single = Functions.reshape(tape, own, 1, virtualTokens(), width);
    Tensor each = Functions.expand(tape, single, rows.size(0), virtualTokens(), width);
    return Functions.cat(
        tape, 1, each, Functions.slice(tape, rows, 1, virtualTokens(), rows.size(1)));
  }
}
