package dev.jlora.natives;

import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * libtorch, loaded into this process.
 *
 * <p>The library is searched in this order:
 *
 * <ol>
 *   <li>the folder in the system property {@code jlora.libtorch},
 *   <li>the folder in the environment variable {@code JLORA_LIBTORCH},
 *   <li>the Maven natives on the class path, unpacked once into {@code
 *       ~/.jlora/natives/<version>-<platform>} ({@code jlora.cache} or {@code JLORA_CACHE} move
 *       {@code ~/.jlora}; {@code -Djlora.verify=full} compares every digest again).
 * </ol>
 */
public final class NativeTorch {
  /** The setting that determined the location of libtorch. */
  public enum Source {
    /** The system property {@code jlora.libtorch}. */
    PROPERTY,
    /** The environment variable {@code JLORA_LIBTORCH}. */
    ENVIRONMENT,
    /** The natives that Maven put on the class path. */
    MAVEN
  }

  private static @Nullable NativeTorch loaded;

  private final SymbolLookup symbols;
  private final Path folder;
  private final Source source;
  private final List<Path> libraries;
  private final TensorHeap heap;

  private NativeTorch(
      SymbolLookup symbols, Path folder, Source source, List<Path> libraries, TensorHeap heap) {
    this.symbols = symbols;
    this.folder = folder;
    this.source = source;
    this.libraries = List.copyOf(libraries);
    this.heap = heap;
  }

  /**
   * Loads libtorch on the first call and returns the same object on every call. A failure is not
   * cached: the next call tries again.
   *
   * @throws NativeLoadException if libtorch cannot be found, unpacked or loaded
   */
  public static synchronized NativeTorch load() {
    NativeTorch torch = loaded;
    if (torch == null) {
      torch = load(Settings.current(), Platform.current());
      loaded = torch;
    }
    return torch;
  }

  /**
   * Starts loading libtorch in the background. Failures are ignored: the next call of {@link #load}
   * tries again and reports them.
   *
   * @return the loading thread; the process must not exit before it has finished
   */
  public static Thread loadAhead() {
    return Thread.ofPlatform()
        .daemon()
        .name("jlora-libtorch")
        .uncaughtExceptionHandler((_, _) -> {})
        .start(NativeTorch::load);
  }

  /**
   * Shortens the exit of the process. Ends the OpenMP threads that have called Java, for which the
   * JVM would wait 0.3 s, and skips the destructors of native libraries ({@link
   * NativeProcess#endWithoutDestructors}). Call it from the thread that computed, when the program
   * is done; does nothing if libtorch is not loaded.
   */
  public static synchronized void prepareExit() {
    if (loaded != null) {
      NativeProcess.endThreads(loaded.symbols);
      NativeProcess.endWithoutDestructors();
    }
  }

  /**
   * Skips the destructors of native libraries when the process exits, since other threads may still
   * compute or load libtorch. Call it from any thread, immediately before the exit.
   */
  public static void skipDestructors() {
    NativeProcess.endWithoutDestructors();
  }

  private static NativeTorch load(Settings settings, Platform platform) {
    NativeCache cache = new NativeCache(settings.cache(), settings.fullVerification());
    List<Path> libraries = libraries(settings, platform, cache);
    ProcessTuning.apply();
    TensorHeap heap = TensorHeap.open(cache, platform);
    String remedy =
        settings.source() == Source.MAVEN
            ? "delete %s, and report it if it happens again.".formatted(settings.cache())
            : "check that the libtorch there is complete and runs on this machine.";
    SymbolLookup symbols = null;
    for (Path library : libraries) {
      symbols = DynamicLoader.open(library, remedy);
    }
    Path top = libraries.getLast();
    return new NativeTorch(
        Objects.requireNonNull(symbols),
        Objects.requireNonNull(top.getParent()),
        settings.source(),
        libraries,
        heap);
  }

  /** Library files in the order to open them; {@code libtorch.so} is last. */
  private static List<Path> libraries(Settings settings, Platform platform, NativeCache cache) {
    Path named = settings.libtorch();
    if (named != null) {
      String setting =
          settings.source() == Source.PROPERTY
              ? Settings.LIBTORCH_PROPERTY
              : Settings.LIBTORCH_VARIABLE;
      return InstalledTorch.at(named, setting, platform).inLoadingOrder();
    }
    ClassLoader classLoader = Objects.requireNonNull(NativeTorch.class.getClassLoader());
    Bundle bundle = new MavenNatives(classLoader, platform).find();
    return DynamicLoader.inLoadingOrder(cache.unpacked(bundle));
  }

  /** The symbols of libtorch and of every library that it depends on. */
  public SymbolLookup symbols() {
    return symbols;
  }

  /** The folder that contains {@code libtorch.so}. */
  public Path folder() {
    return folder;
  }

  /** The setting that determined the location of libtorch. */
  public Source source() {
    return source;
  }

  /** The libraries that were opened by name, in order; the dynamic loader found the others. */
  public List<Path> libraries() {
    return libraries;
  }

  /** The allocator of large tensors. */
  public TensorHeap heap() {
    return heap;
  }

  /** Whether this libtorch was built with CUDA; it does not imply that there is a GPU. */
  public boolean cudaBuild() {
    return Files.exists(folder.resolve("libtorch_cuda.so"));
  }

  @Override
  public String toString() {
    return "libtorch.so from %s (%s)".formatted(folder, source);
  }
}
