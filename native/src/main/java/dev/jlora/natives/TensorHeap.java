package dev.jlora.natives;

import java.lang.foreign.SymbolLookup;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The allocator of large CPU tensors: jemalloc, if LWJGL's build of it is on the class path,
 * otherwise libtorch's default, glibc. Results are the same; with glibc's heap a training step
 * takes more memory and thousands of page faults. A missing jemalloc is therefore not an error.
 *
 * <p>The system property {@code jlora.malloc}, or the environment variable {@code JLORA_MALLOC},
 * with the value {@code glibc} disables jemalloc.
 *
 * @param symbols of jemalloc; empty if it is not used
 * @param description the allocator in use, and the reason if it is not jemalloc
 */
public record TensorHeap(Optional<SymbolLookup> symbols, String description) {
  static final String PROPERTY = "jlora.malloc";
  static final String VARIABLE = "JLORA_MALLOC";
  static final String GLIBC = "glibc";

  private static final Pattern VERSION =
      Pattern.compile("lwjgl-jemalloc-(\\d[^/!]*?)-natives-[^/!]*\\.jar");

  /** Opens the allocator that the settings of this process select. */
  static TensorHeap open(NativeCache cache, Platform platform) {
    return open(
        Objects.requireNonNull(TensorHeap.class.getClassLoader()),
        cache,
        platform,
        refused(System::getProperty, System::getenv));
  }

  static TensorHeap open(
      ClassLoader classLoader, NativeCache cache, Platform platform, boolean refused) {
    if (refused) {
      return none("as %s or %s says".formatted(PROPERTY, VARIABLE));
    }
    String folder = "linux/%s/org/lwjgl/jemalloc/".formatted(architecture(platform));
    @Nullable URL library = classLoader.getResource(folder + "libjemalloc.so");
    if (library == null) {
      return none(
          "no org.lwjgl:lwjgl-jemalloc for %s on the class path".formatted(platform.name()));
    }
    try {
      String id = "jemalloc-%s-%s".formatted(version(library), platform.name());
      Bundle bundle = new Bundle("jemalloc", id, JarLibraries.in(library, folder));
      Path file = cache.unpacked(bundle).resolve("libjemalloc.so");
      SymbolLookup symbols = DynamicLoader.open(file, "set %s=%s.".formatted(VARIABLE, GLIBC));
      return new TensorHeap(Optional.of(symbols), "jemalloc, from " + file);
    } catch (NativeLoadException e) {
      return none(e.problem());
    }
  }

  private static TensorHeap none(String why) {
    return new TensorHeap(Optional.empty(), "%s (%s)".formatted(GLIBC, why));
  }

  /**
   * Whether the user selected glibc. The launcher gives other values of the variable a meaning of
   * its own.
   */
  static boolean refused(
      Function<String, @Nullable String> properties, Function<String, @Nullable String> variables) {
    return GLIBC.equals(properties.apply(PROPERTY)) || GLIBC.equals(variables.apply(VARIABLE));
  }

  /** The architecture under LWJGL's name. */
  private static String architecture(Platform platform) {
    return platform.equals(Platform.LINUX_ARM64) ? "arm64" : "x64";
  }

  private static String version(URL insideJar) {
    Matcher matcher = VERSION.matcher(insideJar.toString());
    return matcher.find() ? matcher.group(1) : "bundled";
  }
}
