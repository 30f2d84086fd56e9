package dev.jlora.host;

import com.google.inject.Binding;
import com.google.inject.multibindings.MapBinderBinding;
import com.google.inject.multibindings.MultibinderBinding;
import com.google.inject.multibindings.MultibindingsTargetVisitor;
import com.google.inject.multibindings.OptionalBinderBinding;
import com.google.inject.spi.DefaultBindingTargetVisitor;
import com.google.inject.spi.Element;
import dev.jlora.spi.PartKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All parts of plugins, by kind and name, without creating them; and the problems of using them.
 */
final class Catalog {
  private final Map<String, Map<String, Part>> parts = new LinkedHashMap<>();
  private final List<PluginException> problems = new ArrayList<>();

  private Catalog() {}

  static Catalog of(List<FoundPlugin> plugins) {
    Catalog catalog = new Catalog();
    for (FoundPlugin plugin : plugins) {
      try {
        catalog.add(new Contribution(plugin));
      } catch (PluginException e) {
        catalog.problems.add(e);
      }
    }
    return catalog;
  }

  /** The kind of a part, from its {@link PartKind}. */
  static String kind(Class<?> type) {
    PartKind kind = type.getAnnotation(PartKind.class);
    return kind == null ? type.getSimpleName() : kind.value();
  }

  /** The parts of one kind, sorted by name. */
  Map<String, Part> parts(String kind) {
    return parts.getOrDefault(kind, Map.of());
  }

  /** The names of a plugin's parts, by kind. */
  Map<String, List<String>> of(FoundPlugin plugin) {
    Map<String, List<String>> names = new LinkedHashMap<>();
    parts.forEach(
        (kind, byName) ->
            byName.forEach(
                (name, part) -> {
                  if (part.plugin().equals(plugin)) {
                    names.computeIfAbsent(kind, _ -> new ArrayList<>()).add(name);
                  }
                }));
    return names;
  }

  /** Plugins that could not be configured, and names that two plugins use. */
  List<PluginException> problems() {
    return problems;
  }

  private void add(Contribution contribution) {
    for (Element element : contribution.elements()) {
      if (element instanceof Binding<?> binding) {
        binding.acceptTargetVisitor(new Visitor(contribution));
      }
    }
  }

  private void claim(Class<?> type, String name, Part part) {
    String kind = kind(type);
    Part first = parts.computeIfAbsent(kind, _ -> new TreeMap<>()).putIfAbsent(name, part);
    if (first == null) {
      return;
    }
    FoundPlugin one = first.plugin();
    FoundPlugin two = part.plugin();
    problems.add(
        new PluginException(
            one.equals(two)
                ? "%s '%s' is bound twice by the plugin %s; give one of the two another name"
                    .formatted(kind, name, one.where())
                : "%s '%s' is claimed by two plugins: %s and %s; remove one of the two"
                    .formatted(kind, name, one.where(), two.where())));
  }

  /** Visits the map binders of part kinds among a plugin's bindings. */
  private final class Visitor extends DefaultBindingTargetVisitor<Object, Void>
      implements MultibindingsTargetVisitor<Object, Void> {
    private final Contribution contribution;

    Visitor(Contribution contribution) {
      this.contribution = contribution;
    }

    @Override
    public Void visit(MapBinderBinding<? extends Object> map) {
      Class<?> type = map.getValueTypeLiteral().getRawType();
      if (type.isAnnotationPresent(PartKind.class)) {
        for (Map.Entry<?, Binding<?>> entry : map.getEntries(contribution.elements())) {
          String name = String.valueOf(entry.getKey());
          claim(type, name, contribution.part(kind(type), name, entry.getValue()));
        }
      }
      return null;
    }

    @Override
    public Void visit(MultibinderBinding<? extends Object> set) {
      return null;
    }

    @Override
    public Void visit(OptionalBinderBinding<? extends Object> optional) {
      return null;
    }
  }
}
