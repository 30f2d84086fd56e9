package dev.jlora.engine.training;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A signal handler that replaces the default one until it is closed. The JDK supports signals only
 * through {@code sun.misc.Signal}, in the permanent module {@code jdk.unsupported}; it is called by
 * reflection because the compiler warns about every use.
 */
public final class SignalHook implements AutoCloseable {
  private static final String SIGNAL = "sun.misc.Signal";
  private static final String HANDLER = "sun.misc.SignalHandler";

  private final Object signal;
  private final Object before;

  private SignalHook(Object signal, Object before) {
    this.signal = signal;
    this.before = before;
  }

  /**
   * Handles a signal.
   *
   * @param name {@code INT}, {@code TERM}
   * @param handler gets the signal's number, on a thread of the JVM
   * @return null if the JVM does not support or does not handle signals
   */
  public static @Nullable SignalHook on(String name, IntConsumer handler) {
    try {
      Class<?> type = Class.forName(HANDLER);
      Object signal = Class.forName(SIGNAL).getConstructor(String.class).newInstance(name);
      int number = (int) signal.getClass().getMethod("getNumber").invoke(signal);
      Object own =
          Proxy.newProxyInstance(
              SignalHook.class.getClassLoader(),
              new Class<?>[] {type},
              (proxy, method, arguments) -> called(proxy, method, arguments, handler, number));
      return new SignalHook(signal, handle(signal, own));
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      return null;
    }
  }

  private static @Nullable Object called(
      Object proxy, Method method, Object @Nullable [] arguments, IntConsumer handler, int number) {
    return switch (method.getName()) {
      case "handle" -> {
        handler.accept(number);
        yield null;
      }
      case "equals" -> arguments != null && proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      default -> "handler of jlora";
    };
  }

  /** Sets a handler and returns the previous one. */
  private static Object handle(Object signal, Object handler) throws ReflectiveOperationException {
    return signal
        .getClass()
        .getMethod("handle", signal.getClass(), Class.forName(HANDLER))
        .invoke(null, signal, handler);
  }

  @Override
  public void close() {
    try {
      handle(signal, before);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
