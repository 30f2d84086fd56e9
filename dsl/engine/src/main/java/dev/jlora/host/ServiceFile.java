package dev.jlora.host;

import dev.jlora.spi.JloraPlugin;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A service file of {@link java.util.ServiceLoader} that names plugins. It is read here rather than
 * by ServiceLoader, which reports neither the jar nor the cause when a class fails.
 *
 * @param source the jar or the folder of classes that contains it
 */
record ServiceFile(URL url, String source, ClassLoader loader) {
  static final String NAME = "META-INF/services/" + JloraPlugin.class.getName();

  static ServiceFile of(URL url, ClassLoader loader) {
    return new ServiceFile(url, source(url), loader);
  }

  private static String source(URL url) {
    String text = url.toString();
    String root = text.substring(0, text.length() - NAME.length());
    String inside = root.startsWith("jar:") ? root.substring(4, root.length() - 2) : root;
    try {
      return Path.of(new URI(inside)).toString();
    } catch (URISyntaxException | IllegalArgumentException e) {
      return inside;
    }
  }

  /** The classes it names. */
  List<String> classes() {
    try {
      URLConnection connection = url.openConnection();
      connection.setUseCaches(false); // a jar that is replaced under a running process
      try (InputStream in = connection.getInputStream()) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .map(line -> line.replaceFirst("#.*", "").strip())
            .filter(line -> !line.isEmpty())
            .distinct()
            .toList();
      }
    } catch (IOException e) {
      throw new PluginException(
          "%s: %s in it cannot be read (%s); remove it, or get a whole one"
              .formatted(source, NAME, e.getMessage()),
          e);
    }
  }

  /**
   * Creates a plugin.
   *
   * @throws PluginException naming the jar, the class and the reason
   */
  JloraPlugin create(String className) {
    try {
      Class<?> type = Class.forName(className, false, loader);
      if (!JloraPlugin.class.isAssignableFrom(type)) {
        throw failed(className, "it does not implement " + JloraPlugin.class.getName(), null);
      }
      return (JloraPlugin) type.getConstructor().newInstance();
    } catch (ClassNotFoundException e) {
      throw failed(className, "META-INF/services names this class, and it is not there", e);
    } catch (NoSuchMethodException | IllegalAccessException | InstantiationException e) {
      throw failed(
          className, "expected a public class with a public constructor without parameters", e);
    } catch (InvocationTargetException e) {
      throw failed(className, Failure.text(e.getCause()), e.getCause());
    } catch (LinkageError e) {
      throw failed(className, Failure.text(e), e);
    }
  }

  private PluginException failed(String className, String why, Throwable cause) {
    Path path = Path.of(source);
    return new PluginException(
        "a plugin seen by %s cannot be loaded: %s: %s (in %s; remove it, or get the one for this version)"
            .formatted(path.getFileName(), className, why, source),
        cause);
  }
}
