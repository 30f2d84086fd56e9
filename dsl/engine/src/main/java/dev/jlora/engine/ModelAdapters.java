package dev.jlora.engine;

import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.engine.models.LoadedModel;
import dev.jlora.host.Plugins;
import dev.jlora.model.network.Network;
import dev.jlora.model.network.OpenGuard;
import dev.jlora.model.runtime.AdapterSelection;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The adapters of an open model, by name. The one that it was opened with is {@value
 * Network#DEFAULT_ADAPTER}. Changes may be made while other threads predict or generate: each of
 * their answers is computed with the adapters that were there when it began, and an adapter's
 * memory is freed after the last of these.
 *
 * <p>An adapter is merged into the weights only while it is the only one; every method that changes
 * adapters unmerges it.
 */
public final class ModelAdapters {
  private final Plugins plugins;
  private final LoadedModel model;
  private final OpenGuard guard;

  ModelAdapters(Plugins plugins, LoadedModel model, OpenGuard guard) {
    this.plugins = plugins;
    this.model = model;
    this.guard = guard;
  }

  /** The names of the attached adapters, in the order in which they were attached. */
  public Set<String> names() {
    try (var _ = guard.use()) {
      return Collections.unmodifiableSet(new LinkedHashSet<>(model.network().adapters().keySet()));
    }
  }

  /**
   * Loads another adapter for the same base, task and labels.
   *
   * @param adapter its folder
   * @throws dev.jlora.io.FormatException if the folder contains no adapter for this model
   * @throws dev.jlora.model.ModelException if the name is taken
   */
  public void attach(String name, Path adapter) {
    try (var _ = guard.use()) {
      AdapterLoader.attach(plugins, name, adapter, model);
    }
  }

  /**
   * Replaces an adapter by that of a folder, under the same name.
   *
   * @throws dev.jlora.io.FormatException if the folder contains no adapter for this model; the
   *     former one then stays
   * @throws dev.jlora.model.ModelException suggesting the closest name, if there is none of this
   *     name
   */
  public void replace(String name, Path adapter) {
    try (var _ = guard.use()) {
      AdapterLoader.replace(plugins, name, adapter, model);
    }
  }

  /**
   * Gives an adapter another name.
   *
   * @throws dev.jlora.model.ModelException if there is none of this name, or the other is taken
   */
  public void rename(String name, String other) {
    try (var _ = guard.use()) {
      model.network().rename(name, other);
    }
  }

  /**
   * Detaches an adapter.
   *
   * @throws dev.jlora.model.ModelException if there is none of this name, or it is selected
   */
  public void detach(String name) {
    try (var _ = guard.use()) {
      model.network().detach(name);
    }
  }

  /**
   * Selects the adapters that run where a call names none: one, several with weights, or {@link
   * AdapterSelection#none} for the base model alone.
   *
   * @throws dev.jlora.model.ModelException if a name is unknown, or two adapters train the same
   *     module
   * @throws IllegalArgumentException if the selection is per row
   */
  public void select(AdapterSelection selection) {
    if (selection instanceof AdapterSelection.PerRow) {
      throw new IllegalArgumentException(
          "a model's own selection: got adapters per row, expected adapters that run together;"
              + " calls select them per row");
    }
    try (var _ = guard.use()) {
      Network network = model.network();
      if (!selection.equals(network.selection())) {
        network.unmerge();
      }
      network.select(selection);
    }
  }

  /**
   * The selection of a call as the network runs it. If it is not the network's own, which merged
   * weights stand for, a merged adapter is unmerged.
   *
   * @return null for the network's own
   */
  @Nullable AdapterSelection asked(@Nullable AdapterSelection selection) {
    Network network = model.network();
    if (selection == null || selection.equals(network.selection())) {
      return null;
    }
    if (network.merged()) {
      network.unmerge();
    }
    return selection;
  }

  /** The adapters that run where a call names none. */
  public AdapterSelection selection() {
    try (var _ = guard.use()) {
      return model.network().selection();
    }
  }
}
