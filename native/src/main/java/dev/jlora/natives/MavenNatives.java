package dev.jlora.natives;

import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds libtorch on the class path: the platform jars of {@code org.bytedeco:pytorch} and {@code
 * org.bytedeco:openblas}, and {@code org.bytedeco:cuda-redist*} for a CUDA build. Only plain
 * libraries are used; the JNI wrappers in those jars are ignored.
 */
final class MavenNatives {
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
    List<Bundle.Entry> entries =
        new ArrayList<>(JarLibraries.in(torch, ROOT + "pytorch/" + flavour + "/"));
    entries.addAll(librariesOf("openblas/" + platform.name(), "libopenblas.so.0"));
    if (flavour.equals(gpu)) {
      entries.addAll(cudaLibraries());
    }
    return new Bundle("libtorch", version(torch) + "-" + flavour, entries);
  }

  private List<Bundle.Entry> librariesOf(String folder, String probe) {
    URL url = classLoader.getResource(ROOT + folder + "/" + probe);
    if (url == null) {
      throw missing("libtorch is on the class path, %s%s/%s is not".formatted(ROOT, folder, probe));
    }
    return JarLibraries.in(url, ROOT + folder + "/");
  }

  /**
   * The CUDA libraries, which are spread over several jars of one group with the same folder in
   * each.
   */
  private List<Bundle.Entry> cudaLibraries() {
    String folder = "cuda/" + platform.name();
    try {
      List<Bundle.Entry> entries = new ArrayList<>();
      for (URL url : java.util.Collections.list(classLoader.getResources(ROOT + folder + "/"))) {
        entries.addAll(JarLibraries.in(url, ROOT + folder + "/"));
      }
      return entries;
    } catch (IOException e) {
      throw JarLibraries.unreadable(ROOT + folder, e);
    }
  }

  private @Nullable URL resource(String folder) {
    return classLoader.getResource(ROOT + folder + "/libtorch.so");
  }

  /** The version in the jar's file name; "bundled" for a jar that was renamed or merged. */
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
}
