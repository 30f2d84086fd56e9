package dev.jlora.natives;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the libtorch that Maven put on the class path: the platform jars of {@code
 * org.bytedeco:pytorch} and {@code org.bytedeco:openblas}, with {@code org.bytedeco:cuda-redist*}
 * beside them in a CUDA build. Only plain libraries count; the JNI wrappers in those jars are left
 * where they are.
 */
final class MavenNatives {
  private static final Pattern LIBRARY = Pattern.compile("lib(?!jni)[^/]*\\.so(\\.[0-9.]+)?");
  private static final Pattern VERSION = Pattern.compile("pytorch-(\\d[^/!]*?)-linux-[^/!]*\\.jar");
  private static final String ROOT = "org/bytedeco/";

  private final ClassLoader classLoader;
  private final Platform platform;

  MavenNatives(ClassLoader classLoader, Platform platform) {
    this.classLoader = classLoader;
    this.platform = platform;
  }

  /**
   * Finds the libraries on the class path without reading them.
   *
   * @throws NativeLoadException if there are none, or if a jar cannot be read
   */
  Bundle find() {
    String gpu = platform.name() + "-gpu";
    @Nullable URL torch = resource("pytorch/" + gpu);
    String flavour = torch != null ? gpu : platform.name();
    if (torch == null) {
      torch = resource("pytorch/" + flavour);
    }
    if (torch == null) {
      throw missing("no libtorch for %s is on the class path".formatted(platform.name()));
    }
    List<Bundle.Entry> entries = new ArrayList<>(libraries(torch, "pytorch/" + flavour));
    entries.addAll(librariesOf("openblas/" + platform.name(), "libopenblas.so.0"));
    if (flavour.equals(gpu)) {
      entries.addAll(cudaLibraries());
    }
    return new Bundle(version(torch) + "-" + flavour, entries);
  }

  private List<Bundle.Entry> librariesOf(String folder, String probe) {
    URL url = classLoader.getResource(ROOT + folder + "/" + probe);
    if (url == null) {
      throw missing("libtorch is on the class path, %s%s/%s is not".formatted(ROOT, folder, probe));
    }
    return libraries(url, folder);
  }

  /** CUDA's libraries are spread over several jars of one group; each holds the same folder. */
  private List<Bundle.Entry> cudaLibraries() {
    String folder = "cuda/" + platform.name();
    try {
      List<Bundle.Entry> entries = new ArrayList<>();
      for (URL url : java.util.Collections.list(classLoader.getResources(ROOT + folder + "/"))) {
        entries.addAll(libraries(url, folder));
      }
      return entries;
    } catch (IOException e) {
      throw unreadable(ROOT + folder, e);
    }
  }

  private @Nullable URL resource(String folder) {
    return classLoader.getResource(ROOT + folder + "/libtorch.so");
  }

  private static List<Bundle.Entry> libraries(URL inside, String folder) {
    String prefix = ROOT + folder + "/";
    try {
      if (!(inside.openConnection() instanceof JarURLConnection connection)) {
        throw new NativeLoadException(
            "%s is not inside a jar; jlora unpacks libtorch from jars.".formatted(inside),
            "name the folder with -D%s=FOLDER instead.".formatted(Settings.LIBTORCH_PROPERTY));
      }
      connection.setUseCaches(false);
      URL jarUrl = connection.getJarFileURL();
      try (JarFile jar = connection.getJarFile()) {
        return jar.stream()
            .filter(entry -> entry.getName().startsWith(prefix))
            .filter(entry -> LIBRARY.matcher(entry.getName().substring(prefix.length())).matches())
            .sorted(Comparator.comparing(JarEntry::getName))
            .map(entry -> entry(jarUrl, entry, prefix))
            .toList();
      }
    } catch (IOException e) {
      throw unreadable(inside.toString(), e);
    }
  }

  private static Bundle.Entry entry(URL jarUrl, JarEntry entry, String prefix) {
    String name = entry.getName();
    Bundle.Content content =
        () -> {
          URL url = java.net.URI.create("jar:" + jarUrl + "!/" + name).toURL();
          return uncached(url);
        };
    return new Bundle.Entry(
        name.substring(prefix.length()),
        entry.getSize(),
        entry.getCrc(),
        jarUrl.getPath(),
        content);
  }

  private static InputStream uncached(URL url) throws IOException {
    var connection = url.openConnection();
    connection.setUseCaches(false);
    return connection.getInputStream();
  }

  /** The version in the jar's file name; a jar that was renamed or merged counts as "bundled". */
  static String version(URL insideJar) {
    Matcher matcher = VERSION.matcher(insideJar.toString());
    return Optional.of(matcher).filter(Matcher::find).map(m -> m.group(1)).orElse("bundled");
  }

  private NativeLoadException missing(String what) {
    return new NativeLoadException(
        what.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + what.substring(1) + ".",
        """
        add org.bytedeco:pytorch and org.bytedeco:openblas with classifier %s (jlora-native brings \
        them for linux-x86_64), or name an installed libtorch with -D%s=FOLDER or %s=FOLDER, such \
        as the folder torch/lib of a Python installation. A jar that Maven cut short counts as \
        absent: delete org/bytedeco in the local Maven repository and build again.\
        """
            .formatted(platform.name(), Settings.LIBTORCH_PROPERTY, Settings.LIBTORCH_VARIABLE));
  }

  private static NativeLoadException unreadable(String what, IOException e) {
    return new NativeLoadException(
        "%s cannot be read (%s).".formatted(what, e),
        "delete org/bytedeco in the local Maven repository and build again.",
        e);
  }
}
