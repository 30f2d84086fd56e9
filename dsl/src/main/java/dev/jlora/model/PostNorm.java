package dev.jlora.model;

import java.util.List;

/**
 * norm(x + dropout(body(x))): the block order of BERT, run as one fused function after the body.
 */
public record PostNorm(Layer body, double dropout, Layer norm) implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(body, norm);
  }

  @Override
  public Module build(Assembly assembly) {
    Module inner = assembly.build(body);
    LayerNorm.Built last = assembly.build(norm, LayerNorm.Built.class);
    return (x, pass) -> last.afterResidual(inner.forward(x, pass), x, dropout, pass);
  }
}
