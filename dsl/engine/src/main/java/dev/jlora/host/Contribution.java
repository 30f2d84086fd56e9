package dev.jlora.host;

import com.google.inject.Binding;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Stage;
import com.google.inject.spi.Element;
import com.google.inject.spi.Elements;
import com.google.inject.spi.InstanceBinding;
import com.google.inject.spi.Message;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bindings of one plugin. It has its own injector, created when a part bound by its class is
 * requested, so that a plugin that cannot be assembled does not affect others.
 */
final class Contribution {
  private final FoundPlugin plugin;
  private final List<Element> elements;
  private @Nullable Injector injector;

  /**
   * @throws PluginException with plugin, jar and cause, if its {@code configure} fails
   */
  Contribution(FoundPlugin plugin) {
    this.plugin = plugin;
    try {
      this.elements = Elements.getElements(Stage.DEVELOPMENT, plugin.plugin());
    } catch (RuntimeException | LinkageError | AssertionError e) {
      throw unusable(e);
    }
    for (Element element : elements) {
      if (element instanceof Message message) {
        throw message.getCause() == null
            ? new PluginException(unusable(message.getMessage()))
            : unusable(message.getCause());
      }
    }
  }

  private PluginException unusable(Throwable cause) {
    return new PluginException(unusable(Failure.text(cause)), cause);
  }

  private String unusable(String why) {
    return "plugin %s cannot be used: its configure fails: %s".formatted(plugin.where(), why);
  }

  List<Element> elements() {
    return elements;
  }

  Part part(String kind, String name, Binding<?> binding) {
    return new Part(kind, name, plugin, () -> create(binding));
  }

  private Object create(Binding<?> binding) {
    return binding instanceof InstanceBinding<?> ready && ready.getInjectionPoints().isEmpty()
        ? ready.getInstance()
        : injector().getInstance(binding.getKey());
  }

  private synchronized Injector injector() {
    if (injector == null) {
      injector = Guice.createInjector(Stage.DEVELOPMENT, Elements.getModule(elements));
    }
    return injector;
  }
}
