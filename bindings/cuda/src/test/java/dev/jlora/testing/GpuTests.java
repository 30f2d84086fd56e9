package dev.jlora.testing;

import java.util.ArrayList;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the tests with a tag, {@code gpu} unless another expression is given, on a machine that has
 * Java and these jars alone; names what failed, and prints one JSON object.
 */
public final class GpuTests {
  private static final int MOST_NAMED = 20;

  private GpuTests() {}

  /** What became of the tests. */
  private static final class Counts implements TestExecutionListener {
    private final List<String> failures = new ArrayList<>();
    private int passed;
    private int skipped;

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      skipped++;
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      switch (result.getStatus()) {
        case SUCCESSFUL -> passed += test.isTest() ? 1 : 0;
        case ABORTED -> skipped++;
        case FAILED ->
            failures.add(
                "%s: %s"
                    .formatted(
                        test.getUniqueId().replaceAll("\\[engine:[^/]*/", ""),
                        result.getThrowable().map(GpuTests::firstLines).orElse("no reason")));
      }
    }
  }

  private static String firstLines(Throwable failure) {
    return String.join(" ", String.valueOf(failure).lines().limit(3).toList());
  }

  /**
   * Ends with 0 if tests ran and none failed, else with 1.
   *
   * @param arguments a tag, or nothing
   */
  public static void main(String[] arguments) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectPackage("dev.jlora"))
            .filters(TagFilter.includeTags(arguments.length > 0 ? arguments[0] : "gpu"))
            .build();
    Counts counts = new Counts();
    LauncherFactory.create().execute(request, counts);
    counts.failures.stream().limit(MOST_NAMED).forEach(System.err::println);
    System.out.printf(
        "{\"passed\": %d, \"failed\": %d, \"skipped\": %d}%n",
        counts.passed, counts.failures.size(), counts.skipped);
    System.exit(counts.failures.isEmpty() && counts.passed > 0 ? 0 : 1);
  }
}
