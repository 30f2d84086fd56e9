package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.ModelException;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.spec.Nearest;
import dev.jlora.tensor.Tensor;
import java.util.List;

/** An elementwise function, named as in {@code hidden_act} of a config. */
public record Activation(String name) implements Layer {
  private static final List<String> NAMES =
      List.of("gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu", "swish", "tanh");

  public Activation {
    if (!NAMES.contains(name)) {
      throw new ModelException(
          "activation: got '%s', expected one of %s".formatted(name, Nearest.list(name, NAMES)));
    }
  }

  @Override
  public boolean tokenwise() {
    return true;
  }

  /** The names of all functions. */
  public static List<String> names() {
    return NAMES;
  }

  @Override
  public Module build(Assembly assembly) {
    return (x, pass) -> of(pass.tape(), x);
  }

  /** The function of x, elementwise. */
  public Tensor of(Tape tape, Tensor x) {
    return switch (name) {
      case "gelu" -> Functions.gelu(tape, x, "none");
      case "gelu_new", "gelu_pytorch_tanh" -> Functions.gelu(tape, x, "tanh");
      case "relu" -> Functions.relu(tape, x);
      case "silu", "swish" -> Functions.silu(tape, x);
      case "tanh" -> Functions.tanh(tape, x);
      default -> throw new IllegalStateException("no forward for activation " + name);
    };
  }
}
