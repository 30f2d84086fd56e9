package dev.jlora.tasks.metrics;

import dev.jlora.spi.Judgements;
import dev.jlora.spi.Metric;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * F1, precision or recall of entities, as seqeval computes them: all types together, and F1 for
 * each type too.
 */
record Entities(Measure measure) implements Metric {

  @Override
  public String name() {
    return "entity_" + measure.label();
  }

  /** Tags that make entities; other labels of words, such as parts of speech, make none. */
  @Override
  public boolean fits(Judgements judgements) {
    return judgements instanceof Judgements.Tags tags
        && tags.names().stream().allMatch(Entity::isTag)
        && tags.names().stream().anyMatch(Entity::isInside);
  }

  @Override
  public double value(Judgements judgements, double loss) {
    return measure.of(EntityCounts.of((Judgements.Tags) judgements).counts().pooled(), 0);
  }

  @Override
  public Map<String, Double> parts(Judgements judgements) {
    if (measure != Measure.F1) {
      return Map.of();
    }
    EntityCounts found = EntityCounts.of((Judgements.Tags) judgements);
    Map<String, Double> parts = new LinkedHashMap<>();
    for (int type : found.counts().present()) {
      parts.put(found.types().get(type), measure.of(found.counts(), type));
    }
    return parts;
  }
}
