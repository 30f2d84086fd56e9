package dev.jlora.host;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A part of a plugin, created on first use. */
final class Part {
  private final String kind;
  private final String name;
  private final FoundPlugin plugin;
  private final Supplier<Object> maker;
  private @Nullable Object made;

  Part(String kind, String name, FoundPlugin plugin, Supplier<Object> maker) {
    this.kind = kind;
    this.name = name;
    this.plugin = plugin;
    this.maker = maker;
  }

  FoundPlugin plugin() {
    return plugin;
  }

  /**
   * The part.
   *
   * @throws PluginException with plugin, jar and cause, if it cannot be created
   */
  synchronized Object get() {
    if (made == null) {
      try {
        made = maker.get();
      } catch (RuntimeException | LinkageError | AssertionError e) {
        throw new PluginException(
            "%s '%s' of the plugin %s cannot be made: %s"
                .formatted(kind, name, plugin.where(), Failure.text(e)),
            e);
      }
    }
    return made;
  }
}
