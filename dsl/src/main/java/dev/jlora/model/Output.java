package dev.jlora.model;

import java.util.List;

/** Hands what {@code body} gives out of the model under {@code name}, and on to the next layer. */
public record Output(String name, Layer body) implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(body);
  }

  /** Hands nothing out: who reads the first token alone has no whole result to give. */
  @Override
  public Layer firstTokenOnly() {
    return body.firstTokenOnly();
  }

  @Override
  public Module build(Assembly assembly) {
    Module inner = assembly.build(body);
    return (x, pass) -> {
      var y = inner.forward(x, pass);
      pass.output(name, y);
      return y;
    };
  }
}
