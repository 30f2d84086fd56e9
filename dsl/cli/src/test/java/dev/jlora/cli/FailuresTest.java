package dev.jlora.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.InvalidPathException;
import org.junit.jupiter.api.Test;

/** Whose mistake a failure is. */
class FailuresTest {
  private static final String SHOWS = "--stacktrace shows where";

  @Test
  void a_class_that_a_plugin_lacks_is_no_mistake_in_jlora() {
    assertThat(Failures.text(thrown(new NoClassDefFoundError("org/acme/Maths"), "lion.jar")))
        .isEqualTo(
            "the plugin lion.jar cannot run: the class org.acme.Maths is missing; pack the library"
                + " that has it into the plugin's jar, or put it on the class path");
    assertThat(Failures.text(thrown(new NoSuchMethodError("dev.jlora.X.y()"), "lion.jar")))
        .startsWith("the plugin lion.jar cannot run: it was built for another version of jlora");
  }

  @Test
  void an_exception_in_a_plugin_leads_to_its_jar() {
    assertThat(Failures.text(thrown(new NullPointerException("x is null"), "lion.jar")))
        .isEqualTo(
            "unexpected java.lang.NullPointerException: x is null in the plugin lion.jar; "
                + SHOWS);
  }

  @Test
  void an_exception_in_code_of_others_on_the_class_path_names_its_class() {
    assertThat(Failures.text(thrown(new NullPointerException("x is null"), "app")))
        .isEqualTo("unexpected NullPointerException: x is null in org.acme.Lion; " + SHOWS);
  }

  @Test
  void what_is_no_path_is_told() {
    assertThat(Failures.text(new InvalidPathException("a\0b", "Nul character not allowed")))
        .isEqualTo("got 'a\\0b', expected a path: file names cannot contain the character U+0000");
  }

  @Test
  void very_long_lines_are_cut_in_their_middle() {
    String cut = Failures.shortened("rows.csv: names " + "c, ".repeat(100_000) + "twice\nDo this");
    assertThat(cut).startsWith("rows.csv: names c, ").contains(" ... ").endsWith("twice\nDo this");
    assertThat(cut).hasSizeLessThan(2_100);
  }

  @Test
  void the_rest_is_a_mistake_in_jlora() {
    assertThat(Failures.text(new NullPointerException("x is null")))
        .endsWith("x is null; this is a mistake in jlora, " + SHOWS);
  }

  private static Throwable thrown(Throwable failure, String loader) {
    failure.setStackTrace(
        new StackTraceElement[] {
          new StackTraceElement(null, "java.base", "25", "java.util.Objects", "get", "", 1),
          new StackTraceElement(loader, null, null, "org.acme.Lion", "step", "Lion.java", 12)
        });
    return failure;
  }
}
