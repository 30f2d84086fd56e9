package dev.jlora.host;

import org.jspecify.annotations.Nullable;

/** A plugin cannot be used, or one that is asked for is not there; the message says what to do. */
public final class PluginException extends RuntimeException {
  PluginException(String message) {
    this(message, null);
  }

  PluginException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
