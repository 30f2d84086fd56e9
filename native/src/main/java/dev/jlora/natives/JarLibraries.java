package dev.jlora.natives;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;

/** The plain libraries in a folder of a jar; JNI wrappers are ignored. */
final class JarLibraries {
  private static final Pattern LIBRARY = Pattern.compile("lib(?!jni)[^/]*\\.so(\\.[0-9.]+)?");

  private JarLibraries() {}

  /**
   * Lists them without reading them.
   *
   * @param inside any resource in that jar
   * @param folder inside the jar, with a trailing slash
   * @throws NativeLoadException if the resource is not in a jar, or the jar cannot be read
   */
  static List<Bundle.Entry> in(URL inside, String folder) {
    try {
      if (!(inside.openConnection() instanceof JarURLConnection connection)) {
        throw new NativeLoadException(
            "%s is not inside a jar; jlora unpacks libraries from jars.".formatted(inside),
            "name the folder with -D%s=FOLDER instead.".formatted(Settings.LIBTORCH_PROPERTY));
      }
      connection.setUseCaches(false);
      URL jarUrl = connection.getJarFileURL();
      try (JarFile jar = connection.getJarFile()) {
        return jar.stream()
            .filter(entry -> entry.getName().startsWith(folder))
            .filter(entry -> LIBRARY.matcher(entry.getName().substring(folder.length())).matches())
            .sorted(Comparator.comparing(JarEntry::getName))
            .map(entry -> entry(jarUrl, entry, folder))
            .toList();
      }
    } catch (IOException e) {
      throw unreadable(inside.toString(), e);
    }
  }

  private static Bundle.Entry entry(URL jarUrl, JarEntry entry, String folder) {
    String name = entry.getName();
    return new Bundle.Entry(
        name.substring(folder.length()),
        entry.getSize(),
        entry.getCrc(),
        jarUrl.getPath(),
        () -> uncached(URI.create("jar:" + jarUrl + "!/" + name).toURL()));
  }

  private static InputStream uncached(URL url) throws IOException {
    var connection = url.openConnection();
    connection.setUseCaches(false);
    return connection.getInputStream();
  }

  static NativeLoadException unreadable(String what, IOException e) {
    return new NativeLoadException(
        "%s cannot be read (%s).".formatted(what, e),
        "delete its folder in the local Maven repository and build again.",
        e);
  }
}
