package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.jlora.engine.conformance.CaseResult;
import dev.jlora.engine.conformance.CaseResult.Status;
import dev.jlora.engine.conformance.Conformance;
import dev.jlora.host.Plugins;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every reference case against this build: those that travel with the project, and all others. */
class ConformanceTest {
  private static final Path CARRIED = Path.of("src/test/resources/goldens");
  private static final Path GOLDENS = Path.of("../../../shared/goldens");
  private static final List<String> SHARED = List.of("cases", "methods");

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
    if (!Files.isDirectory(GOLDENS)) {
      return Stream.of(
          DynamicTest.dynamicTest(
              "the shared cases are not here",
              () -> assumeThat(GOLDENS).as("the shared reference cases").isDirectory()));
    }
    return shared()
        .map(
            folder ->
                DynamicTest.dynamicTest(
                    folder.getFileName().toString(), () -> assertPasses(folder)));
  }

  private static Stream<Path> shared() {
    return SHARED.stream().flatMap(name -> Conformance.find(GOLDENS.resolve(name)).stream());
  }

  private void assertPasses(Path folder) {
    CaseResult result = conformance.check(folder);
    System.out.println(result.line());
    assertThat(result.status()).as(result.line()).isEqualTo(Status.PASSED);
    assertThat(result.compared()).isPositive();
  }
}
