package dev.jlora.host;

import org.jspecify.annotations.Nullable;

/** A plugin cannot be used, or a requested part does not exist; the message contains the remedy. */
public final class PluginException extends RuntimeException {
  PluginException(String message) {
    this(message, null);
  }

  PluginException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
