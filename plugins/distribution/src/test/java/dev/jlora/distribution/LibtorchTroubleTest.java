package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.tensor.Torch;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * libtorch that could not be loaded, in a process that goes on: in jshell the setting is corrected,
 * or Ctrl-C came while it was unpacked, and the next line tries again.
 */
class LibtorchTroubleTest {
  @TempDir Path folder;

  @Test
  void a_failure_is_told_as_it_is_and_not_for_ever() throws Exception {
    Process process = ChildJvm.start(Asking.class, folder.resolve("absent").toString());
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said.lines())
        .as(said)
        .hasSize(3)
        .satisfies(lines -> assertThat(lines.get(0)).contains("absent").isEqualTo(lines.get(1)))
        .last()
        .asString()
        .startsWith("2.");
  }

  /** Asks three times, the third time without the setting that is wrong. */
  static final class Asking {
    private Asking() {}

    public static void main(String[] arguments) {
      System.setProperty("jlora.libtorch", arguments[0]);
      for (int i = 0; i < 3; i++) {
        if (i == 2) {
          System.clearProperty("jlora.libtorch");
        }
        try {
          System.out.println(Torch.version());
        } catch (RuntimeException | LinkageError e) {
          System.out.println(e.toString().lines().findFirst().orElse(""));
        }
      }
    }
  }
}
