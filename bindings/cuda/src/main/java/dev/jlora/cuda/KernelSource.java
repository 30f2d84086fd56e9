package dev.jlora.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The CUDA C++ source of some kernels.
 *
 * @param name of its file, such as {@code gelu.cu}
 * @param text its lines
 * @param header the text of {@code jlora.cuh}, which it includes
 */
public record KernelSource(String name, String text, String header) {
  static final String HEADER_NAME = "jlora.cuh";

  private static final Map<String, KernelSource> READ = new ConcurrentHashMap<>();

  /** One of jlora's sources. */
  public static KernelSource named(String name) {
    return READ.computeIfAbsent(name, it -> new KernelSource(it, read(it), read(HEADER_NAME)));
  }

  private static String read(String name) {
    try (InputStream in = KernelSource.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no kernel source " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The source line that a compiler message refers to; empty if there is none. */
  String line(String file, int number) {
    String of = file.equals(HEADER_NAME) ? header : text;
    return of.lines().skip(Math.max(0, number - 1)).findFirst().orElse("");
  }
}
