package dev.jlora.distribution.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damages every kind of file that jlora reads, thousands of times. Each mutant is read, or refused
 * by a message of jlora's own: the process does not die, nothing takes longer than ten seconds, no
 * exception of a library escapes. {@code -Djlora.fuzz.seed=N} draws other mutants, {@code
 * -Djlora.fuzz.mutants=N} sets the number of the long test.
 */
class FuzzTest {
  private static final long SEED = Long.getLong("jlora.fuzz.seed", 1);

  @TempDir Path folder;

  @Test
  void a_few_thousand_damaged_files_are_read_or_refused() throws Exception {
    check(3_000);
  }

  @Test
  @Tag("slow")
  void a_hundred_thousand_damaged_files_are_read_or_refused() throws Exception {
    check(Integer.getInteger("jlora.fuzz.mutants", 100_000));
  }

  private void check(int mutants) throws Exception {
    int middle = mutants / 2;
    var first = new FuzzRun(folder.resolve("first"), SEED, 0, middle);
    var second = new FuzzRun(folder.resolve("second"), SEED, middle, mutants);
    List<String> findings = new ArrayList<>();
    int read = 0;
    int refused = 0;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<FuzzRun.Outcome>> both = List.of(first::run, second::run);
      for (var half : threads.invokeAll(both)) {
        findings.addAll(half.get().findings());
        read += half.get().read();
        refused += half.get().refused();
      }
    }
    assertThat(findings).isEmpty();
    assertThat(read + refused).isEqualTo(mutants);
    assertThat(read).as("mutants that are read").isGreaterThan(mutants / 10);
    assertThat(refused).as("mutants that are refused").isGreaterThan(mutants / 10);
  }
}
