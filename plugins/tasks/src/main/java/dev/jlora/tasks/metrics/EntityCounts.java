package dev.jlora.tasks.metrics;

import dev.jlora.spi.Predictions;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Entities found and missed; an entity is correct if its type and its words match exactly.
 *
 * @param types in alphabetical order
 * @param counts one class per type
 */
record EntityCounts(List<String> types, Counts counts) {

  /**
   * Counts the entities of all sequences.
   *
   * @param strict whether entities must follow the tag scheme
   */
  static EntityCounts of(Predictions.Tags tags, boolean strict) {
    Function<List<String>, List<Entity>> entities =
        strict ? sequence -> Entity.strict(sequence, Entity.closes(tags.names())) : Entity::of;
    Set<String> names = new TreeSet<>();
    tags.names().stream()
        .filter(Entity::isInside)
        .map(tag -> Entity.of(List.of(tag)))
        .forEach(one -> names.add(one.getFirst().type()));
    List<String> types = List.copyOf(names);
    Counts counts = Counts.empty(types.size());
    int from = 0;
    for (int length : tags.lengths()) {
      count(
          Set.copyOf(entities.apply(sequence(tags, tags.predicted(), from, length))),
          Set.copyOf(entities.apply(sequence(tags, tags.expected(), from, length))),
          types,
          counts);
      from += length;
    }
    return new EntityCounts(types, counts);
  }

  private static List<String> sequence(Predictions.Tags tags, int[] classes, int from, int length) {
    return Arrays.stream(classes, from, from + length).mapToObj(tags.names()::get).toList();
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
