package dev.jlora.host;

import com.google.inject.Binding;
import com.google.inject.Stage;
import com.google.inject.multibindings.MapBinderBinding;
import com.google.inject.multibindings.MultibinderBinding;
import com.google.inject.multibindings.MultibindingsTargetVisitor;
import com.google.inject.multibindings.OptionalBinderBinding;
import com.google.inject.spi.DefaultBindingTargetVisitor;
import com.google.inject.spi.Element;
import com.google.inject.spi.Elements;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who brings which name. Guice finds a duplicate by itself, but can say neither which plugins nor
 * which jars it comes from.
 */
final class Claims {
  private final Map<String, FoundPlugin> owners = new HashMap<>();
  private final List<String> conflicts = new ArrayList<>();

  /** Notes what a plugin binds; the elements can be installed as they are. */
  List<Element> add(FoundPlugin found) {
    List<Element> elements = elements(found);
    for (Element element : elements) {
      if (element instanceof Binding<?> binding) {
        binding.acceptTargetVisitor(new Visitor(found, elements));
      }
    }
    return elements;
  }

  private static List<Element> elements(FoundPlugin found) {
    try {
      return Elements.getElements(Stage.DEVELOPMENT, found.plugin());
    } catch (LinkageError e) {
      throw new PluginException(
          "plugin %s cannot be used: %s; get the one for this version, with all that it needs"
              .formatted(found.where(), e),
          e);
    }
  }

  /**
   * @throws PluginException naming every name that is claimed twice, with plugins and jars
   */
  void check() {
    if (!conflicts.isEmpty()) {
      throw new PluginException(String.join("\n", conflicts));
    }
  }

  private void claim(String kind, Object name, FoundPlugin found) {
    FoundPlugin first = owners.putIfAbsent(kind + " '" + name + "'", found);
    if (first != null) {
      conflicts.add(
          "%s '%s' is claimed by two plugins: %s and %s; remove one of the two"
              .formatted(kind, name, first.where(), found.where()));
    }
  }

  /** Sees the map binders among a plugin's bindings. */
  private final class Visitor extends DefaultBindingTargetVisitor<Object, Void>
      implements MultibindingsTargetVisitor<Object, Void> {
    private final FoundPlugin found;
    private final List<Element> elements;

    Visitor(FoundPlugin found, List<Element> elements) {
      this.found = found;
      this.elements = elements;
    }

    @Override
    public Void visit(MapBinderBinding<? extends Object> map) {
      String kind = Kinds.label(map.getValueTypeLiteral().getRawType());
      map.getEntries(elements).forEach(entry -> claim(kind, entry.getKey(), found));
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
