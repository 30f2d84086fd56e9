package dev.jlora.host;

import dev.jlora.spi.JloraPlugin;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;

/**
 * Searches plugins on the class path and in the jars of a folder, and collects problems instead of
 * failing at the first.
 */
final class PluginFinder {
  private final Map<String, FoundPlugin> found = new LinkedHashMap<>();
  private final List<String> warnings = new ArrayList<>();
  private final List<PluginException> problems = new ArrayList<>();

  private PluginFinder() {}

  /** The plugins that {@code parent} sees, then those in the jars of {@code folder}. */
  static PluginSearch search(ClassLoader parent, Path folder) {
    PluginFinder finder = new PluginFinder();
    finder.noting(() -> finder.classPath(parent));
    finder.noting(() -> PluginFolder.jars(folder).forEach(jar -> finder.jar(jar, parent)));
    return new PluginSearch(List.copyOf(finder.found.values()), finder.warnings, finder.problems);
  }

  private void noting(Runnable step) {
    try {
      step.run();
    } catch (PluginException e) {
      problems.add(e);
    }
  }

  private void classPath(ClassLoader loader) {
    try {
      for (URL url : Collections.list(loader.getResources(ServiceFile.NAME))) {
        ServiceFile file = ServiceFile.of(url, loader);
        noting(() -> file.classes().forEach(name -> noting(() -> add(file.create(name)))));
      }
    } catch (IOException e) {
      throw new PluginException("the class path cannot be searched for plugins: " + e, e);
    }
  }

  private void add(JloraPlugin plugin) {
    FoundPlugin one = FoundPlugin.of(plugin);
    found.putIfAbsent(one.plugin().getClass().getName() + "@" + one.source(), one);
  }

  /** Adds the plugins of one jar, which gets its own class loader. */
  private void jar(Path jar, ClassLoader parent) {
    noting(() -> requireJar(jar));
    if (!problems.isEmpty() && problems.getLast().getMessage().startsWith(jar + ":")) {
      return;
    }
    try {
      URLClassLoader loader =
          new URLClassLoader(jar.getFileName().toString(), new URL[] {jar.toUri().toURL()}, parent);
      URL url = loader.findResource(ServiceFile.NAME);
      if (url == null) {
        warnings.add(
            "%s contains no plugin: it has no %s; a library belongs in the jar of the plugin that needs it"
                .formatted(jar, ServiceFile.NAME));
        return;
      }
      ServiceFile file = ServiceFile.of(url, loader);
      noting(() -> file.classes().forEach(name -> noting(() -> addFrom(jar, file, name))));
    } catch (IOException e) {
      throw new PluginException(jar + ": not a path that a class loader takes", e);
    }
  }

  private static void requireJar(Path jar) {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      zip.size();
    } catch (IOException e) {
      throw new PluginException(
          "%s: no jar that can be read (%s); remove it, or get a whole one"
              .formatted(jar, Files.isDirectory(jar) ? "it is a folder" : e.getMessage()),
          e);
    }
  }

  private void addFrom(Path jar, ServiceFile file, String className) {
    JloraPlugin plugin = file.create(className);
    FoundPlugin one = FoundPlugin.of(plugin);
    boolean own = plugin.getClass().getClassLoader() == file.loader();
    if (!own && sameFile(Path.of(one.source()), jar)) {
      return; // on the class path, too, and taken from there
    }
    for (FoundPlugin other : found.values()) {
      if (other.plugin().getClass().getName().equals(className)) {
        throw new PluginException(
            "plugin %s (%s) is there twice, in %s and in %s; remove one of the two"
                .formatted(one.name(), className, other.source(), jar));
      }
    }
    add(plugin);
  }

  private static boolean sameFile(Path one, Path other) {
    try {
      return Files.isSameFile(one, other);
    } catch (IOException e) {
      return false;
    }
  }
}
