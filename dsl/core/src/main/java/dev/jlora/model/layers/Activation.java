package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.ModelException;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.spec.Nearest;
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

  @Override
  public Module build(Assembly assembly) {
    return switch (name) {
      case "gelu" -> (x, pass) -> Functions.gelu(pass.tape(), x, "none");
      case "gelu_new", "gelu_pytorch_tanh" -> (x, pass) -> Functions.gelu(pass.tape(), x, "tanh");
      case "relu" -> (x, pass) -> Functions.relu(pass.tape(), x);
      case "silu", "swish" -> (x, pass) -> Functions.silu(pass.tape(), x);
      case "tanh" -> (x, pass) -> Functions.tanh(pass.tape(), x);
      default -> throw new IllegalStateException("no forward for activation " + name);
    };
  }
}
