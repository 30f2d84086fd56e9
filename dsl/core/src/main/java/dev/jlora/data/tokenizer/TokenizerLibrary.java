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
 * Hugging Face's tokenizers, set up once per process: the native library that is on the class path
 * is unpacked into jlora's cache and runs with few threads. Nothing is downloaded or reported home,
 * and no GPU is looked for, as the library's own loader would.
 *
 * <p>Its calls are the library's JNI methods: they hand over what is asked for and no more, which
 * spares an object for each token.
 */
final class TokenizerLibrary {
  private static final String THREADS = "RAYON_NUM_THREADS";

  private TokenizerLibrary() {}

  /** The loaded library. */
  static TokenizersLibrary get() {
    return Loaded.LIBRARY;
  }

  /** The library loaded from a file that {@link #file} gave to another process. */
  static TokenizersLibrary load(Path file) {
    System.load(file.toString());
    return TokenizersLibrary.LIB;
  }

  /** The unpacked library, for a process that uses it alone. */
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

  /** A quarter of the processors, so that the training step keeps the others. */
  private static int threads() {
    return Math.clamp(Runtime.getRuntime().availableProcessors() / 4, 1, 8);
  }

  private static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String os = system.startsWith("mac") ? "osx" : system.startsWith("win") ? "win" : "linux";
    boolean arm = System.getProperty("os.arch").equals("aarch64");
    return os + (arm ? "-aarch64" : "-x86_64");
  }

  /** The library in the cache, put there now unless one of its size is. */
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
