package dev.jlora.adapters.prompt;

import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.Start;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * The virtual tokens are a parameter themselves.
 *
 * @param width of a token, including all its keys and values for a prefix
 */
record TableEncoder(long tokens, long width, Start start) implements PromptEncoder {
  @Override
  public List<OwnParameter> parameters() {
    return List.of(new OwnParameter(TABLE, start, tokens, width));
  }

  @Override
  public Tensor encode(Run run) {
    return run.table();
  }
}
