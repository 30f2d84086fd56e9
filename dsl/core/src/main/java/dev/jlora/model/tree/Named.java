package dev.jlora.model.tree;

import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Module;
import java.util.List;

/**
 * Gives a layer its name in the checkpoint, relative to the enclosing names; it may be dotted
 * ({@code attention.self.query}).
 */
public record Named(String name, Layer layer) implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(layer);
  }

  @Override
  public boolean tokenwise() {
    return layer.tokenwise();
  }

  @Override
  public boolean supportsUnpadded() {
    return layer.supportsUnpadded();
  }

  @Override
  public boolean readsOnlyFirstToken() {
    return layer.readsOnlyFirstToken();
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    return assembly.at(name).build(layer);
  }

  @Override
  public Module buildForFirstToken(Assembly assembly) {
    return assembly.at(name).buildForFirstToken(layer);
  }

  /** The layer inside any names. */
  static Layer unwrap(Layer layer) {
    return layer instanceof Named named ? unwrap(named.layer()) : layer;
  }
}
