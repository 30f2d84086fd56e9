package dev.jlora.adapters.prompt;

import dev.jlora.autograd.Functions;
import dev.jlora.peft.OwnParameter;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * P-tuning's MLP: W4 relu(W2 relu(W0 e + b0) + b2) + b4 for each embedding e.
 *
 * @param width of a token
 * @param hidden width of the layers between
 */
record MlpEncoder(long tokens, long width, long hidden) implements PromptEncoder {
  @Override
  public List<OwnParameter> parameters() {
    List<OwnParameter> all = new ArrayList<>(List.of(PromptEncoder.table(tokens, width)));
    all.addAll(PromptEncoder.linear("mlp_head.0", width, hidden));
    all.addAll(PromptEncoder.linear("mlp_head.2", hidden, hidden));
    all.addAll(PromptEncoder.linear("mlp_head.4", hidden, width));
    return all;
  }

  @Override
  public Tensor encode(Run run) {
    Tensor first = Functions.relu(run.tape(), run.linear("mlp_head.0", run.table()));
    Tensor second = Functions.relu(run.tape(), run.linear("mlp_head.2", first));
    return run.linear("mlp_head.4", second);
  }
}
