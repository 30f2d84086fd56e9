package dev.jlora.adapters.tokens;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Precision;
import dev.jlora.ops.Indexing;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.List;

/**
 * A module whose weight has other values in some rows. On an embedding these are the results for
 * some ids, on an output layer some of the outputs. The weight itself is not copied: a step costs
 * what its ids, or the trained outputs, cost.
 *
 * @param rows the values, float32 [n, width]
 * @param ids the numbers of the rows, [n] INT64
 * @param slots for each row of the weight its place among {@code rows}, n if it is not trained;
 *     [rows of the weight] INT64
 * @param kept for each row of the weight 0 if it is trained, else 1; float32
 */
record TokensLayer(Parameter rows, Tensor ids, Tensor slots, Tensor kept) implements AdapterLayer {

  @Override
  public List<Parameter> parameters() {
    return List.of(rows);
  }

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    return base.target().kind() == TargetModule.Kind.EMBEDDING
        ? embedded(base, x, context)
        : projected(base, x, context);
  }

  private Tensor embedded(Base base, Tensor tokens, ForwardContext context) {
    Tape tape = context.tape();
    Tensor product = base.product(tokens);
    Tensor flat = Views.reshape(tokens, -1);
    long[] shape = product.shape();
    shape[shape.length - 1] = 1;
    Tensor untrained = Views.view(Indexing.indexSelect(kept, 0, flat), shape);
    Tensor others = Functions.mul(tape, product, Ops.to(untrained, product.dtype()));
    Tensor slot = Views.view(Indexing.indexSelect(slots, 0, flat), tokens.shape());
    Tensor values = rows.value();
    long n = values.size(0);
    Tensor none = Tensor.zeros(values.dtype(), values.device(), 1, values.size(1));
    Tensor table = Functions.cat(tape, 0, values, none);
    Tensor trained = Functions.embedding(tape, table, slot, n);
    return Functions.add(tape, others, Precision.cast(context, trained, product.dtype()));
  }

  private Tensor projected(Base base, Tensor x, ForwardContext context) {
    Tape tape = context.tape();
    Tensor product = base.product(x);
    Tensor input = Precision.cast(context, x, product.dtype());
    Tensor values = Precision.cast(context, rows.value(), product.dtype());
    Tensor columns = Functions.linear(tape, input, values, null);
    Tensor y = Functions.indexCopy(tape, product, product.rank() - 1, ids, columns);
    Tensor bias = base.bias();
    return bias == null ? y : Functions.add(tape, y, bias);
  }

  @Override
  public Tensor merged(Tensor weight) {
    return Indexing.indexCopy(weight, 0, ids, Ops.to(rows.value(), weight.dtype()));
  }
}
