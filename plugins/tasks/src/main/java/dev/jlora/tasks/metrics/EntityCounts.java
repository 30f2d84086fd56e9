package dev.jlora.tasks.metrics;

import dev.jlora.spi.Judgements;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Entities found and missed; right is one with the right type at exactly the right words.
 *
 * @param types in alphabetical order
 * @param counts a class for each type
 */
record EntityCounts(List<String> types, Counts counts) {

  static EntityCounts of(Judgements.Tags tags) {
    Set<String> names = new TreeSet<>();
    tags.names().stream()
        .filter(Entity::isInside)
        .map(tag -> Entity.of(List.of(tag)))
        .forEach(entities -> names.add(entities.getFirst().type()));
    List<String> types = List.copyOf(names);
    Counts counts = Counts.empty(types.size());
    int from = 0;
    for (int length : tags.lengths()) {
      count(
          Set.copyOf(entities(tags, tags.predicted(), from, length)),
          Set.copyOf(entities(tags, tags.expected(), from, length)),
          types,
          counts);
      from += length;
    }
    return new EntityCounts(types, counts);
  }

  private static List<Entity> entities(Judgements.Tags tags, int[] classes, int from, int length) {
    return Entity.of(
        Arrays.stream(classes, from, from + length).mapToObj(tags.names()::get).toList());
  }

  private static void count(
      Set<Entity> predicted, Set<Entity> expected, List<String> types, Counts counts) {
    Set<Entity> all = new HashSet<>(predicted);
    all.addAll(expected);
    for (Entity entity : all) {
      long[] kind =
          !expected.contains(entity)
              ? counts.falsePositives()
              : predicted.contains(entity) ? counts.truePositives() : counts.falseNegatives();
      kind[types.indexOf(entity.type())]++;
    }
  }
}
