package dev.jlora.host;

import dev.jlora.spec.Nearest;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** All parts of one kind by name. */
public final class Registry<T> {
  private final String kind;
  private final Map<String, T> parts;

  Registry(String kind, Map<String, T> parts) {
    this.kind = kind;
    this.parts = Collections.unmodifiableMap(new TreeMap<>(parts));
  }

  /** The names there are, in alphabetical order. */
  public Set<String> names() {
    return parts.keySet();
  }

  public Collection<T> all() {
    return parts.values();
  }

  public Optional<T> find(String name) {
    return Optional.ofNullable(parts.get(name));
  }

  /**
   * The part of that name.
   *
   * @throws PluginException listing the names there are, the likeliest first
   */
  public T get(String name) {
    return find(name)
        .orElseThrow(
            () ->
                new PluginException(
                    parts.isEmpty()
                        ? "%s '%s': no plugin brings any %s; put its jar on the class path or into %s"
                            .formatted(kind, name, kind, PluginFolder.path())
                        : "%s: got '%s', expected one of %s"
                            .formatted(kind, name, Nearest.list(name, names()))));
  }

  @Override
  public String toString() {
    return kind + " " + names();
  }
}
