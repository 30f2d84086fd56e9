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
 * <p>It is looked for in this order:
 *
 * <ol>
 *   <li>the folder that the system property {@code jlora.libtorch} names,
 *   <li>the folder that the environment variable {@code JLORA_LIBTORCH} names,
 *   <li>the Maven natives on the class path, unpacked once into {@code
 *       ~/.jlora/natives/<version>-<platform>} ({@code jlora.cache} or {@code JLORA_CACHE} move
 *       {@code ~/.jlora}; {@code -Djlora.verify=full} compares every digest again).
 * </ol>
 */
public final class NativeTorch {
  /** Who said where libtorch lies. */
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
   * Loads libtorch the first time it is called, and returns the same object ever after. A failure
   * is not remembered: the next call tries again.
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
   * Begins to load libtorch while the caller does something else. A failure is silent: whoever asks
   * for libtorch then tries again, and is told.
   *
   * @return the thread that does it; a process must not end before this has
   */
  public static Thread loadAhead() {
    return Thread.ofPlatform()
        .daemon()
        .name("jlora-libtorch")
        .uncaughtExceptionHandler((_, _) -> {})
        .start(NativeTorch::load);
  }

  /**
   * Makes the end of the process short, for a program that is done: threads of OpenMP that have
   * called Java, for which Java would wait 0.3 s, are ended, and so are what libraries do at the
   * end ({@link NativeProcess#endWithoutDestructors}). To be called by the thread that computed;
   * does nothing if libtorch is not loaded.
   */
  public static synchronized void prepareExit() {
    if (loaded != null) {
      NativeProcess.endThreads(loaded.symbols);
      NativeProcess.endWithoutDestructors();
    }
  }

  private static NativeTorch load(Settings settings, Platform platform) {
    NativeCache cache = new NativeCache(settings.cache(), settings.fullVerification());
    List<Path> libraries = libraries(settings, platform, cache);
    ProcessTuning.apply();
    TensorHeap heap = TensorHeap.open(cache, platform);
    String remedy =
        settings.source() == Source.MAVEN
            ? "delete %s, and report it if it happens again.".formatted(settings.cache())
            : "check that the libtorch there is whole and runs on this machine.";
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

  /** Where the libraries are, in the order to open them; {@code libtorch.so} comes last. */
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

  /** The folder that holds {@code libtorch.so}. */
  public Path folder() {
    return folder;
  }

  /** Who said where libtorch lies. */
  public Source source() {
    return source;
  }

  /** The libraries that were opened by name, in order; the dynamic loader found the others. */
  public List<Path> libraries() {
    return libraries;
  }

  /** Where the memory of large tensors comes from. */
  public TensorHeap heap() {
    return heap;
  }

  /** Whether this libtorch was built with CUDA; whether there is a device is another question. */
  public boolean cudaBuild() {
    return Files.exists(folder.resolve("libtorch_cuda.so"));
  }

  @Override
  public String toString() {
    return "libtorch.so from %s (%s)".formatted(folder, source);
  }
}
