package dev.jlora.data;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Hugging Face's tokenizers, set up once per process: from the library that is on the class path,
 * unpacked into jlora's cache, with few threads, and nothing is ever downloaded or reported home.
 *
 * <p>Its calls are the library's own JNI methods: they hand over what is asked for and no more,
 * which makes encoding ids several times faster than objects for each token do.
 */
final class TokenizerLibrary {
  private static final String THREADS = "RAYON_NUM_THREADS";

  private TokenizerLibrary() {}

  /** The loaded library. */
  static TokenizersLibrary get() {
    return Loaded.LIBRARY;
  }

  private static final class Loaded {
    static final TokenizersLibrary LIBRARY = load();

    private static TokenizersLibrary load() {
      unlessSet("ai.djl.offline", "true");
      unlessSet("ENGINE_CACHE_DIR", cache().toString());
      if (System.getenv(THREADS) == null) {
        setEnvironment(THREADS, Integer.toString(threads()));
      }
      LibUtils.checkStatus();
      return TokenizersLibrary.LIB;
    }
  }

  /** A quarter of the processors, so that the training step keeps the others. */
  private static int threads() {
    return Math.clamp(Runtime.getRuntime().availableProcessors() / 4, 1, 8);
  }

  private static Path cache() {
    String set = System.getProperty("jlora.cache", System.getenv("JLORA_CACHE"));
    Path base = set != null ? Path.of(set) : Path.of(System.getProperty("user.home"), ".jlora");
    return base.resolve("natives");
  }

  private static void unlessSet(String property, String value) {
    if (System.getProperty(property) == null && System.getenv(property) == null) {
      System.setProperty(property, value);
    }
  }

  /** int setenv(const char* name, const char* value, int overwrite); Java cannot do it itself. */
  private static void setEnvironment(String name, String value) {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> setenv = linker.defaultLookup().find("setenv");
    if (setenv.isEmpty()) {
      return; // the library then uses all processors, which is slower but right
    }
    var handle =
        linker.downcallHandle(
            setenv.get(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int status = (int) handle.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 0);
      if (status != 0) {
        throw new IllegalStateException("setenv(" + name + ") gave " + status);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("setenv could not be called", e);
    }
  }
}
