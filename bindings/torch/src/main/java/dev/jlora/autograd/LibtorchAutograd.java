package dev.jlora.autograd;

import dev.jlora.tensor.NativeAutograd;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A libtorch operator as a function, differentiated by libtorch itself: for plugins that need an
 * operator without a function here.
 *
 * <pre>{@code
 * private static final Operator LOGADDEXP = Operator.of("aten::logaddexp");
 * Tensor y = tape.apply(new LibtorchAutograd("logaddexp", in -> LOGADDEXP.one(in[0], in[1])), a, b);
 * }</pre>
 *
 * <p>It saves its inputs and runs the operator a second time in backward, so a {@link Function}
 * with its own backward is cheaper. The body may use several operators, but only through {@link
 * dev.jlora.tensor.Operator}: libtorch does not record others.
 *
 * @param name for messages
 * @param body computes the output from the inputs
 */
public record LibtorchAutograd(String name, NativeAutograd.Body body) implements Function {
  @Override
  public Tensor forward(Context context, @Nullable Tensor... inputs) {
    context.save(inputs);
    return body.apply(inputs);
  }

  @Override
  public @Nullable Tensor[] backward(Context context, Tensor gradOutput) {
    int count = context.inputs();
    Tensor[] inputs = new Tensor[count];
    boolean[] wanted = new boolean[count];
    for (int i = 0; i < count; i++) {
      inputs[i] = context.saved(i);
      wanted[i] = context.needs(i);
    }
    Tensor[] gradients = NativeAutograd.gradients(body, inputs, wanted, gradOutput);
    for (int i = 0; i < count; i++) {
      if (wanted[i] && gradients[i] == null) {
        gradients[i] = Tensor.zeros(context.dtype(i), gradOutput.device(), context.shape(i));
      }
    }
    return gradients;
  }
}
