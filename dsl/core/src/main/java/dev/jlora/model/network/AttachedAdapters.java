package dev.jlora.model.network;

import dev.jlora.io.Names;
import dev.jlora.model.ModelException;
import dev.jlora.model.runtime.ActiveAdapters;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterLease;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.InputTransform;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The attached adapters of a network, by name. Passes read an immutable map, which every change
 * replaces; an adapter that is no longer attached is closed after its last use.
 */
final class AttachedAdapters {
  private volatile Map<String, Held> byName = Map.of();

  /** An adapter with the number of its uses. Guarded by the outer object. */
  private static final class Held {
    private final Adapter adapter;
    private int uses;
    private boolean removed;

    Held(Adapter adapter) {
      this.adapter = adapter;
    }

    void closeIfUnused() {
      if (removed && uses == 0) {
        adapter.close();
      }
    }
  }

  /** The adapters by name. */
  Map<String, Adapter> all() {
    Map<String, Adapter> all = new LinkedHashMap<>();
    byName.forEach((name, held) -> all.put(name, held.adapter));
    return Collections.unmodifiableMap(all);
  }

  /**
   * Returns the adapter with this name.
   *
   * @throws ModelException suggesting the closest name, if there is none
   */
  Adapter get(String name) {
    return held(name).adapter;
  }

  private Held held(String name) {
    Held held = byName.get(name);
    if (held == null) {
      throw new ModelException(
          byName.isEmpty()
              ? "no adapter '%s': the network has none attached".formatted(name)
              : "no adapter '%s'; attached are %s"
                  .formatted(name, Names.some(byName.keySet(), name)));
    }
    return held;
  }

  private void requireFree(String name) {
    if (byName.containsKey(name)) {
      throw new ModelException(
          "an adapter '%s' is attached already; detach it, or choose another name".formatted(name));
    }
  }

  private void change(UnaryOperator<Map<String, Held>> change) {
    byName = Collections.unmodifiableMap(change.apply(new LinkedHashMap<>(byName)));
  }

  synchronized void add(String name, Adapter adapter) {
    requireFree(name);
    change(
        all -> {
          all.put(name, new Held(adapter));
          return all;
        });
  }

  /** Attaches another adapter under a name, in the same place; the former one is closed. */
  synchronized void replace(String name, Adapter adapter) {
    Held former = held(name);
    change(
        all -> {
          all.put(name, new Held(adapter));
          return all;
        });
    remove(former);
  }

  /** Changes the name of an adapter, which keeps its place. */
  synchronized void rename(String name, String other) {
    held(name);
    requireFree(other);
    change(
        all -> {
          Map<String, Held> renamed = new LinkedHashMap<>();
          all.forEach((key, held) -> renamed.put(key.equals(name) ? other : key, held));
          return renamed;
        });
  }

  /** Detaches an adapter, and closes it. */
  synchronized void remove(String name) {
    Held held = held(name);
    change(
        all -> {
          all.remove(name);
          return all;
        });
    remove(held);
  }

  private static void remove(Held held) {
    held.removed = true;
    held.closeIfUnused();
  }

  synchronized void closeAll() {
    byName.values().forEach(AttachedAdapters::remove);
    byName = Map.of();
  }

  /**
   * Holds the adapters of a selection.
   *
   * @param ofNetwork whether the selection is the network's own
   * @throws ModelException if a name is unknown
   */
  synchronized AdapterLease lease(AdapterSelection selection, boolean ofNetwork) {
    Map<String, Held> held = new LinkedHashMap<>();
    names(selection).forEach(name -> held.put(name, held(name)));
    held.values().forEach(one -> one.uses++);
    return new Lease(selection, ofNetwork, held);
  }

  private synchronized void release(Map<String, Held> held) {
    for (Held one : held.values()) {
      one.uses--;
      one.closeIfUnused();
    }
    held.clear();
  }

  /** The names in a selection. */
  static Set<String> names(AdapterSelection selection) {
    return switch (selection) {
      case AdapterSelection.Weighted together -> together.weights().keySet();
      case AdapterSelection.PerRow rows -> {
        Set<String> names = new LinkedHashSet<>();
        rows.rows().forEach(row -> names.addAll(names(row)));
        yield names;
      }
    };
  }

  private final class Lease implements AdapterLease {
    private final AdapterSelection selection;
    private final boolean ofNetwork;
    private final Map<String, Held> held;

    Lease(AdapterSelection selection, boolean ofNetwork, Map<String, Held> held) {
      this.selection = selection;
      this.ofNetwork = ofNetwork;
      this.held = held;
    }

    @Override
    public AdapterSelection selection() {
      return selection;
    }

    @Override
    public boolean ofNetwork() {
      return ofNetwork;
    }

    @Override
    public Adapter adapter(String name) {
      Held one = held.get(name);
      if (one == null) {
        throw new ModelException(
            "no adapter '%s' is leased for this pass; leased are %s"
                .formatted(name, held.keySet()));
      }
      return one.adapter;
    }

    @Override
    public int virtualTokens() {
      if (!(selection instanceof AdapterSelection.Weighted together)) {
        return 0; // such adapters are refused by rows
      }
      InputTransform inputs = ActiveAdapters.of(together, this::adapter).inputs();
      return inputs == null ? 0 : inputs.virtualTokens();
    }

    @Override
    public void close() {
      release(held);
    }
  }
}
