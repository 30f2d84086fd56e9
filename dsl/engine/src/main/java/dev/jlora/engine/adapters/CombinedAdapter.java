package dev.jlora.engine.adapters;

import dev.jlora.model.runtime.Adapter;
import java.util.List;

/**
 * A new adapter for the network for which it was made, until that takes it over ({@code attach}).
 *
 * @param modules the updates of its modules
 */
public record CombinedAdapter(Adapter adapter, List<ModuleUpdate> modules)
    implements AutoCloseable {

  public CombinedAdapter {
    modules = List.copyOf(modules);
  }

  @Override
  public void close() {
    adapter.close();
  }
}
