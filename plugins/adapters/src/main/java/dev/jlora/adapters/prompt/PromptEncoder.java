package dev.jlora.adapters.prompt;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.Start;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Computes the virtual tokens from trained parameters. */
interface PromptEncoder {
  /** The prefix of all parameter names, as PEFT's module. */
  String PREFIX = "prompt_encoder.";

  /** The table that every encoder has. */
  String TABLE = PREFIX + "embedding.weight";

  /** The parameters with their full names, in the order in which the optimizer gets them. */
  List<OwnParameter> parameters();

  /** The virtual tokens, [n, width], in the current scope. */
  Tensor encode(Run run);

  /** Whether the parameters are the virtual tokens themselves, which files contain. */
  default boolean isTable() {
    return parameters().size() == 1;
  }

  /**
   * One computation.
   *
   * @param values the parameters by name
   * @param training whether dropout is active
   * @param random of dropout; null if it is not active
   */
  record Run(
      Tape tape, Map<String, Tensor> values, boolean training, @Nullable RandomStream random) {

    /** A parameter by its name without {@link #PREFIX}. */
    Tensor value(String name) {
      return values.get(PREFIX + name);
    }

    /** The table of embeddings. */
    Tensor table() {
      return values.get(TABLE);
    }

    /** x W^T + b of the layer with this name. */
    Tensor linear(String name, Tensor x) {
      return Functions.linear(tape, x, value(name + ".weight"), value(name + ".bias"));
    }
  }

  /** The table of embeddings, initialized as PyTorch's Embedding. */
  static OwnParameter table(long tokens, long width) {
    return new OwnParameter(TABLE, Start.normal(1), tokens, width);
  }

  /** The parameters of a linear layer, initialized as PyTorch's Linear. */
  static List<OwnParameter> linear(String name, long in, long out) {
    Start start = Start.uniform(1 / Math.sqrt(in));
    return List.of(
        new OwnParameter(PREFIX + name + ".weight", start, out, in),
        new OwnParameter(PREFIX + name + ".bias", start, out));
  }
}
