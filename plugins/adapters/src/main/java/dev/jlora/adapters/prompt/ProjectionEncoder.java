package dev.jlora.adapters.prompt;

import dev.jlora.autograd.Functions;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.Start;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Prefix tuning's projection: W2 tanh(W0 e + b0) + b2 for each embedding e.
 *
 * @param width of an embedding
 * @param hidden width between the layers
 * @param out number of keys and values of a token in all layers
 * @param zero whether keys and values start at zero
 */
record ProjectionEncoder(long tokens, long width, long hidden, long out, boolean zero)
    implements PromptEncoder {
  @Override
  public List<OwnParameter> parameters() {
    List<OwnParameter> all = new ArrayList<>(List.of(PromptEncoder.table(tokens, width)));
    all.addAll(PromptEncoder.linear("transform.0", width, hidden));
    for (OwnParameter parameter : PromptEncoder.linear("transform.2", hidden, out)) {
      all.add(
          zero ? new OwnParameter(parameter.name(), Start.ZEROS, parameter.shape()) : parameter);
    }
    return all;
  }

  @Override
  public Tensor encode(Run run) {
    Tensor inner = Functions.tanh(run.tape(), run.linear("transform.0", run.table()));
    return run.linear("transform.2", inner);
  }
}
