package dev.jlora.host;

import dev.jlora.spec.Nearest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.LoggerFactory;

/** All parts of one kind by name. A part is created on first use. */
public final class Registry<T> {
  private final String kind;
  private final Class<T> type;
  private final Map<String, Part> parts;

  Registry(String kind, Class<T> type, Map<String, Part> parts) {
    this.kind = kind;
    this.type = type;
    this.parts = parts;
  }

  /** The names, in alphabetical order. */
  public Set<String> names() {
    return parts.keySet();
  }

  /** All parts, by name; one that cannot be created is left out with a warning. */
  public Collection<T> all() {
    List<T> all = new ArrayList<>();
    for (Part part : parts.values()) {
      try {
        all.add(type.cast(part.get()));
      } catch (PluginException e) {
        LoggerFactory.getLogger(Registry.class).warn("left out: {}", e.getMessage());
      }
    }
    return all;
  }

  /**
   * The part with a name, if there is one.
   *
   * @throws PluginException with plugin, jar and cause, if it cannot be created
   */
  public Optional<T> find(String name) {
    return Optional.ofNullable(parts.get(name)).map(part -> type.cast(part.get()));
  }

  /**
   * The part with a name.
   *
   * @throws PluginException listing the existing names, most similar first; or with plugin, jar and
   *     cause, if it cannot be created
   */
  public T get(String name) {
    return find(name)
        .orElseThrow(
            () ->
                new PluginException(
                    parts.isEmpty()
                        ? "%s '%s': no plugin provides any %s; put its jar on the class path or into %s"
                            .formatted(kind, name, kind, PluginFolder.path())
                        : kind + ": " + unknown(name)));
  }

  /**
   * The message for an unknown name, without its location: the existing names, and where a plugin
   * with more would be searched, unless the name is only misspelled.
   */
  public String unknown(String name) {
    if (parts.isEmpty()) {
      return "got '%s', and no plugin provides any %s; put its jar on the class path or into %s"
          .formatted(name, kind, PluginFolder.path());
    }
    String got = "got '%s', expected one of %s".formatted(name, Nearest.list(name, names()));
    return names().stream().anyMatch(known -> misspelt(name, known))
        ? got
        : "%s; if a plugin provides '%s', its jar is neither on the class path nor in %s"
            .formatted(got, name, PluginFolder.path());
  }

  /** Whether the names differ in a letter or two. */
  private static boolean misspelt(String name, String known) {
    int most = Math.min(2, Math.max(name.length(), known.length()) / 4);
    return Nearest.edits(name, known) <= most;
  }

  @Override
  public String toString() {
    return kind + " " + names();
  }
}
