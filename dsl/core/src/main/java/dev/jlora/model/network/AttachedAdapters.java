package dev.jlora.model.network;

import dev.jlora.io.Names;
import dev.jlora.model.ModelException;
import dev.jlora.model.runtime.Adapter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The attached adapters of a network, by name. Passes read an immutable map, which every change
 * replaces.
 */
final class AttachedAdapters {
  private volatile Map<String, Adapter> byName = Map.of();

  Map<String, Adapter> all() {
    return byName;
  }

  /**
   * Returns the adapter with this name.
   *
   * @throws ModelException suggesting the closest name, if there is none
   */
  Adapter get(String name) {
    Adapter adapter = byName.get(name);
    if (adapter == null) {
      throw new ModelException(
          byName.isEmpty()
              ? "no adapter '%s': the network has none attached".formatted(name)
              : "no adapter '%s'; attached are %s"
                  .formatted(name, Names.some(byName.keySet(), name)));
    }
    return adapter;
  }

  synchronized void add(String name, Adapter adapter) {
    if (byName.containsKey(name)) {
      throw new ModelException(
          "an adapter '%s' is attached already; detach it, or choose another name".formatted(name));
    }
    Map<String, Adapter> changed = new LinkedHashMap<>(byName);
    changed.put(name, adapter);
    byName = Collections.unmodifiableMap(changed);
  }

  /** Detaches an adapter and closes it. */
  synchronized void remove(String name) {
    Adapter adapter = get(name);
    Map<String, Adapter> changed = new LinkedHashMap<>(byName);
    changed.remove(name);
    byName = Collections.unmodifiableMap(changed);
    adapter.close();
  }

  synchronized void closeAll() {
    byName.values().forEach(Adapter::close);
    byName = Map.of();
  }
}
