package dev.jlora.natives;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** Small jars laid out like the natives that Maven brings, with bytes in place of libraries. */
final class TestJars {
  static final String PYTORCH = "org/bytedeco/pytorch/linux-x86_64/";
  static final String OPENBLAS = "org/bytedeco/openblas/linux-x86_64/";
  static final String JAR_NAME = "pytorch-9.9-1.2-linux-x86_64.jar";

  private TestJars() {}

  /** Bytes that do not compress, the same for the same seed. */
  static byte[] bytes(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static Path write(Path jar, Map<String, byte[]> entries) {
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream zip = new JarOutputStream(out)) {
      for (var entry : entries.entrySet()) {
        zip.putNextEntry(new JarEntry(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A jar with four libraries, one of them JNI's, of the given number of bytes each. */
  static Path natives(Path folder, int bytes) {
    return write(
        folder.resolve(JAR_NAME),
        Map.of(
            PYTORCH + "libtorch.so", bytes(bytes, 1),
            PYTORCH + "libtorch_cpu.so", bytes(bytes, 2),
            PYTORCH + "libjnitorch.so", bytes(bytes, 3),
            OPENBLAS + "libopenblas.so.0", bytes(bytes, 4)));
  }

  static Bundle bundle(Path jar) {
    return new MavenNatives(classLoader(jar), Platform.LINUX_X86_64).find();
  }

  static URLClassLoader classLoader(Path... jars) {
    try {
      URL[] urls = new URL[jars.length];
      for (int i = 0; i < jars.length; i++) {
        urls[i] = jars[i].toUri().toURL();
      }
      return new URLClassLoader(urls, null);
    } catch (MalformedURLException e) {
      throw new UncheckedIOException(e);
    }
  }
}
