package dev.jlora.tasks.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.spi.Metric;
import dev.jlora.spi.Predictions;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Metrics by their names, and what they say. */
final class Figures {
  private Figures() {}

  static Metric metric(String name) {
    return Metrics.all().stream()
        .collect(Collectors.toMap(Metric::name, Function.identity()))
        .get(name);
  }

  static void assertValue(String name, Predictions judgements, double expected) {
    Metric metric = metric(name);
    assertThat(metric.fits(judgements)).isTrue();
    assertThat(metric.value(judgements, 0)).as(name).isCloseTo(expected, within(1e-12));
  }

  /** One right text for one that was said. */
  static Predictions text(String predicted, String... expected) {
    return new Predictions.Texts(List.of(predicted), List.of(List.of(expected)));
  }
}
