package dev.jlora.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jlora.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The instruction sets of this machine's processor, read from the operating system and not from the
 * code under test: a kernel that rejects a processor it should support fails its tests.
 */
public final class Processors {
  private static final List<String> FLAGS = flags();
  private static final boolean LIMITED =
      System.getenv("ONEDNN_MAX_CPU_ISA") != null || System.getenv("DNNL_MAX_CPU_ISA") != null;

  private Processors() {}

  /** Whether there are products of a type on tiles: of FLOAT32 always. */
  public static boolean multiplies(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> true;
      case BFLOAT16 -> FLAGS.contains("avx512_bf16") && !LIMITED;
      default -> false;
    };
  }

  /** Whether oneDNN writes its own code for products of FLOAT32. */
  public static boolean hasAvx512() {
    return FLAGS.contains("avx512f") && !LIMITED;
  }

  /** Skips a test, by the processor's name for it, where it has no products of a type on tiles. */
  public static void assumeMultiplies(DType dtype) {
    assumeTrue(multiplies(dtype), () -> "this processor has no avx512_bf16, for " + dtype);
  }

  private static List<String> flags() {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("flags"))
          .findFirst()
          .map(line -> List.of(line.split("\\s+")))
          .orElse(List.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
