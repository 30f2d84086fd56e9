package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.cli.Main;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the shell and a Java program are started with, seen from inside. */
@Timeout(120)
class UserCodeTest {
  private static final Map<String, String> OPTIONS =
      Map.of("JLORA_OPTS", " -Dgreeting=hello  -Xmx300m");

  @TempDir Path folder;

  private String said(String command, Path file) throws Exception {
    Process process = ChildJvm.start(OPTIONS, Main.class, command, file.toString());
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isEqualTo(3);
    return said;
  }

  @Test
  void the_shell_has_the_words_of_a_job_and_the_users_options() throws Exception {
    Path script =
        Files.writeString(
            folder.resolve("a.jsh"),
            """
            int rank = lora().rank(5).build().rank();
            System.out.println(System.getProperty("greeting") + " " + rank);
            /exit 3
            """);

    assertThat(said("shell", script))
        .contains("jlora is imported. A job (lines end with a dot", "hello 5")
        .doesNotContain("WARNING", "INFO");
  }

  @Test
  void a_program_has_jlora_and_the_users_options() throws Exception {
    Path program =
        Files.writeString(
            folder.resolve("A.java"),
            """
            void main() {
              int rank = dev.jlora.Jlora.lora().rank(5).build().rank();
              System.out.println(System.getProperty("greeting") + " " + rank);
              System.exit(3);
            }
            """);

    assertThat(said("run", program)).contains("hello 5").doesNotContain("WARNING");
  }
}
