package dev.jlora.model.tree;

import dev.jlora.model.ModelException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Copies a tree with some layers replaced. Layers are records, so that one of any kind is rebuilt
 * from its components.
 */
public final class LayerRewriter {
  private final UnaryOperator<Layer> edit;

  private LayerRewriter(UnaryOperator<Layer> edit) {
    this.edit = edit;
  }

  /**
   * Replaces layers, from the root down. A replaced layer's parts are not visited.
   *
   * @param edit returns another layer to replace one, or the layer itself
   * @throws ModelException if a layer around a replaced one is not a record of its parts
   */
  public static Layer rewrite(Layer root, UnaryOperator<Layer> edit) {
    return new LayerRewriter(edit).rewritten(root);
  }

  private Layer rewritten(Layer layer) {
    Layer edited = edit.apply(layer);
    if (edited != layer) {
      return edited;
    }
    if (!(layer instanceof Record)) {
      return unchanged(layer);
    }
    RecordComponent[] components = layer.getClass().getRecordComponents();
    Object[] values = new Object[components.length];
    boolean changed = false;
    for (int i = 0; i < components.length; i++) {
      Object value = get(components[i], layer);
      values[i] = rewrittenComponent(value);
      changed |= values[i] != value;
    }
    return changed ? create(layer.getClass(), components, values) : unchanged(layer);
  }

  private Object rewrittenComponent(Object value) {
    if (value instanceof Layer part) {
      return rewritten(part);
    }
    if (value instanceof List<?> list && list.stream().allMatch(Layer.class::isInstance)) {
      List<Layer> parts = list.stream().map(Layer.class::cast).map(this::rewritten).toList();
      for (int i = 0; i < parts.size(); i++) {
        if (parts.get(i) != list.get(i)) {
          return parts;
        }
      }
    }
    return value;
  }

  /** A layer whose components have no replaced layer, which its parts must not have, either. */
  private Layer unchanged(Layer layer) {
    for (Layer part : layer.parts()) {
      Layer inner = part instanceof Named named ? named.layer() : part;
      if (rewritten(inner) != inner) {
        throw new ModelException(
            "%s: its parts cannot be replaced; expected a record with its layers as components"
                .formatted(layer.getClass().getName()));
      }
    }
    return layer;
  }

  private static Object get(RecordComponent component, Layer layer) {
    try {
      Method accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(layer);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }

  private static Layer create(Class<?> type, RecordComponent[] components, Object[] values) {
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return (Layer) constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot create " + type.getName(), e);
    }
  }
}
