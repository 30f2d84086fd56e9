package dev.jlora.host;

import dev.jlora.spi.JloraPlugin;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Finds plugins through {@link ServiceLoader} without putting them together. */
public final class PluginFinder {
  private PluginFinder() {}

  /** The plugins on the class path and in {@link PluginFolder}. */
  public static List<FoundPlugin> find() {
    return find(PluginFinder.class.getClassLoader(), PluginFolder.path());
  }

  static List<FoundPlugin> find(ClassLoader parent, Path folder) {
    Map<String, FoundPlugin> plugins = new LinkedHashMap<>();
    collect(parent, plugins);
    PluginFolder.loaders(folder, parent).forEach(loader -> collect(loader, plugins));
    return List.copyOf(plugins.values());
  }

  /** Looks into one loader; what its parent sees too is there already. */
  private static void collect(ClassLoader loader, Map<String, FoundPlugin> plugins) {
    try {
      for (JloraPlugin plugin : ServiceLoader.load(JloraPlugin.class, loader)) {
        FoundPlugin found = FoundPlugin.of(plugin);
        plugins.putIfAbsent(plugin.getClass().getName() + "@" + found.source(), found);
      }
    } catch (ServiceConfigurationError | LinkageError e) {
      throw new PluginException(
          "a plugin seen by %s cannot be loaded: %s; remove it, or get the one for this version"
              .formatted(loader.getName() == null ? "the class path" : loader.getName(), e),
          e);
    }
  }
}
