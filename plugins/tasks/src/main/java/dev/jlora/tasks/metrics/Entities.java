package dev.jlora.tasks.metrics;

import dev.jlora.spi.Metric;
import dev.jlora.spi.Predictions;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * F1, precision or recall of entities, as computed by seqeval: over all types, and F1 for each
 * type.
 *
 * @param strict whether entities must follow the tag scheme, seqeval's strict mode
 */
record Entities(Measure measure, boolean strict) implements Metric {

  @Override
  public String name() {
    return "entity_" + measure.label() + (strict ? "_strict" : "");
  }

  /**
   * Whether the labels are entity tags. Other labels of words, such as parts of speech, form no
   * entities; tags none of which begins an entity have no scheme that strict mode could require.
   */
  @Override
  public boolean fits(Predictions judgements) {
    return judgements instanceof Predictions.Tags tags
        && tags.names().stream().allMatch(Entity::isTag)
        && tags.names().stream().anyMatch(strict ? Entity::begins : Entity::isInside);
  }

  @Override
  public double value(Predictions judgements, double loss) {
    return measure.of(counts(judgements).counts().pooled(), 0);
  }

  @Override
  public Map<String, Double> parts(Predictions judgements) {
    if (measure != Measure.F1) {
      return Map.of();
    }
    EntityCounts found = counts(judgements);
    Map<String, Double> parts = new LinkedHashMap<>();
    for (int type : found.counts().present().toArray()) {
      parts.put(found.types().get(type), measure.of(found.counts(), type));
    }
    return parts;
  }

  private EntityCounts counts(Predictions judgements) {
    return EntityCounts.of((Predictions.Tags) judgements, strict);
  }
}
