package dev.jlora.model.network;

import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterLayer;
import java.nio.file.Path;
import java.util.Map;

/** An adapter for tests: one layer at one module, and no files. */
record OneLayer(String path, AdapterLayer layer) implements Adapter {
  @Override
  public Map<String, AdapterLayer> layers() {
    return Map.of(path, layer);
  }

  @Override
  public Map<String, Parameter> overrides() {
    return Map.of();
  }

  @Override
  public void save(Path folder) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void restore(Path folder) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
