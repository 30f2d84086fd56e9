package dev.jlora.spec;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reflective access to records, for reading and printing specs. */
final class Reflection {
  private Reflection() {}

  static @Nullable Object get(RecordComponent component, Object record) {
    Method accessor = component.getAccessor();
    accessor.setAccessible(true);
    return invoke(accessor, record);
  }

  /** Calls the canonical constructor. */
  static <T> T create(Class<T> type, @Nullable Object[] arguments) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<T> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      throw rethrown(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot create " + type.getName(), e);
    }
  }

  /** A static method with a name and parameters, or null. */
  static @Nullable Method find(Class<?> type, String name, Class<?>... parameters) {
    try {
      Method method = type.getDeclaredMethod(name, parameters);
      method.setAccessible(true);
      return Modifier.isStatic(method.getModifiers()) ? method : null;
    } catch (NoSuchMethodException e) {
      return null;
    }
  }

  /**
   * The given keys of a record, completed by its static {@code completed(Map)} if the default of a
   * key depends on the others.
   */
  static Map<String, Object> completed(Class<?> type, Map<?, ?> given) {
    Map<String, Object> copy = new LinkedHashMap<>();
    given.forEach((key, value) -> copy.put((String) key, value));
    Method completed = find(type, "completed", Map.class);
    if (completed != null) {
      invoke(completed, null, copy);
    }
    return copy;
  }

  static @Nullable Object invoke(Method method, @Nullable Object on, Object... arguments) {
    try {
      return method.invoke(on, arguments);
    } catch (InvocationTargetException e) {
      throw rethrown(e);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("cannot call " + method, e);
    }
  }

  private static RuntimeException rethrown(InvocationTargetException e) {
    if (e.getCause() instanceof RuntimeException cause) {
      return cause;
    }
    return new IllegalStateException(e.getCause());
  }
}
