package dev.jlora.data.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.jlora.io.AtomicFiles;
import dev.jlora.natives.JloraFolder;
import dev.jlora.natives.NativeProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Hugging Face's tokenizers library, set up once per process: the native library on the class path
 * is unpacked into jlora's cache and runs with few threads. Unlike the library's own loader, it
 * downloads nothing, reports nothing and does not look for a GPU.
 *
 * <p>It is called through its JNI methods, which return only the requested data and save an object
 * per token.
 */
final class TokenizerLibrary {
  private static final String THREADS = "RAYON_NUM_THREADS";

  private TokenizerLibrary() {}

  /** The loaded library. */
  static TokenizersLibrary get() {
    return Loaded.LIBRARY;
  }

  /** Loads the library from a file that {@link #file} returned in another process. */
  static TokenizersLibrary load(Path file) {
    System.load(file.toString());
    return TokenizersLibrary.LIB;
  }

  /** The unpacked library, for a process that uses nothing else. */
  static Path file() {
    URL library = resource();
    if (library == null) {
      throw new IllegalStateException("no tokenizer library for " + platform());
    }
    return unpacked(library);
  }

  private static @Nullable URL resource() {
    String resource = "native/lib/" + platform() + "/cpu/" + System.mapLibraryName("tokenizers");
    return TokenizersLibrary.class.getClassLoader().getResource(resource);
  }

  private static final class Loaded {
    static final TokenizersLibrary LIBRARY = load();

    private static TokenizersLibrary load() {
      NativeProcess.setVariableUnlessSet(THREADS, Integer.toString(threads()));
      URL library = resource();
      if (library == null || platform().startsWith("win")) {
        System.setProperty("ai.djl.offline", "true");
        LibUtils.checkStatus(); // knows the other libraries that Windows needs
      } else {
        System.load(unpacked(library).toString());
      }
      return TokenizersLibrary.LIB;
    }
  }

  /** A quarter of the processors, leaving the others to the training step. */
  private static int threads() {
    return Math.clamp(Runtime.getRuntime().availableProcessors() / 4, 1, 8);
  }

  private static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String os = system.startsWith("mac") ? "osx" : system.startsWith("win") ? "win" : "linux";
    boolean arm = System.getProperty("os.arch").equals("aarch64");
    return os + (arm ? "-aarch64" : "-x86_64");
  }

  /** The library in the cache, written now unless a file of the same size exists. */
  private static Path unpacked(URL library) {
    try {
      var connection = library.openConnection();
      long size = connection.getContentLengthLong();
      String name = "tokenizers-%s-%d".formatted(platform(), size);
      Path file =
          JloraFolder.get()
              .resolve("natives")
              .resolve(name)
              .resolve(System.mapLibraryName("tokenizers"));
      try (InputStream in = connection.getInputStream()) {
        if (!Files.exists(file) || Files.size(file) != size) {
          AtomicFiles.write(file, in.readAllBytes());
        }
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("the tokenizer library cannot be unpacked: " + library, e);
    }
  }
}
