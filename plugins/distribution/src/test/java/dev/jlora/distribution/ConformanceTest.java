package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.jlora.engine.conformance.CaseResult;
import dev.jlora.engine.conformance.CaseResult.Status;
import dev.jlora.engine.conformance.Conformance;
import dev.jlora.engine.conformance.NotYetSupported;
import dev.jlora.host.Plugins;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every reference case against this build: those that travel with the project, and all others. */
class ConformanceTest {
  private static final Path CARRIED = Path.of("src/test/resources/goldens");
  private static final Path SHARED = Path.of("../../../shared/goldens/cases");

  /** The shared cases that need what no plugin brings yet; nothing else may be left out. */
  private static final Set<String> UNSUPPORTED =
      Set.of("dora-bert", "dora-gpt2", "embedding-bert", "pissa-bert");

  private final Conformance conformance = new Conformance(Plugins.load());

  @TestFactory
  Stream<DynamicTest> passes_the_cases_that_travel_with_the_project() {
    return Conformance.find(CARRIED).stream()
        .map(
            folder ->
                DynamicTest.dynamicTest(
                    folder.getFileName().toString(), () -> assertPasses(folder)));
  }

  @TestFactory
  Stream<DynamicTest> passes_the_shared_cases() {
    List<Path> cases = Files.isDirectory(SHARED) ? Conformance.find(SHARED) : List.of();
    if (cases.isEmpty()) {
      return Stream.of(
          DynamicTest.dynamicTest(
              "the shared cases are not here",
              () -> assumeThat(SHARED).as("the shared reference cases").isDirectory()));
    }
    return cases.stream()
        .filter(folder -> !UNSUPPORTED.contains(folder.getFileName().toString()))
        .map(
            folder ->
                DynamicTest.dynamicTest(
                    folder.getFileName().toString(), () -> assertPasses(folder)));
  }

  @Test
  void precisely_the_listed_cases_are_not_yet_supported() {
    assumeThat(SHARED).as("the shared reference cases").isDirectory();
    Set<String> found = new TreeSet<>();
    Set<String> reasons = new TreeSet<>();
    for (Path folder : Conformance.find(SHARED)) {
      String name = folder.getFileName().toString();
      if (UNSUPPORTED.contains(name) || name.contains("gpt2") || name.contains("vit")) {
        CaseResult result = conformance.check(folder);
        if (result.status() == Status.UNSUPPORTED) {
          found.add(name);
          reasons.add(result.message().replace("not yet supported: ", ""));
        }
      }
    }
    assertThat(found).isEqualTo(new TreeSet<>(UNSUPPORTED));
    assertThat(reasons)
        .as("every entry of the list is needed by a case; take out the others")
        .isEqualTo(
            EnumSet.allOf(NotYetSupported.class).stream()
                .map(NotYetSupported::what)
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  private void assertPasses(Path folder) {
    CaseResult result = conformance.check(folder);
    System.out.println(result.line());
    assertThat(result.status()).as(result.line()).isEqualTo(Status.PASSED);
    assertThat(result.compared()).isPositive();
  }
}
