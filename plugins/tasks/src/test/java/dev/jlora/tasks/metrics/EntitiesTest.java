package dev.jlora.tasks.metrics;

import static dev.jlora.tasks.metrics.Figures.assertValue;
import static dev.jlora.tasks.metrics.Figures.metric;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.spi.Predictions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Entities in tags, as seqeval documents them. */
class EntitiesTest {
  private static final List<String> NAMES =
      List.of("O", "B-PER", "I-PER", "B-MISC", "I-MISC", "B-LOC", "I-LOC");

  // the example of seqeval's README: PER is found, MISC begins a word too early
  private static final Predictions README =
      tags(
          "O O B-MISC I-MISC I-MISC I-MISC O / B-PER I-PER O",
          "O O O B-MISC I-MISC I-MISC O / B-PER I-PER O");

  @Test
  void an_entity_is_right_as_a_whole_or_not_at_all() {
    assertValue("entity_f1", README, 0.5);
    assertValue("entity_precision", README, 0.5);
    assertValue("entity_recall", README, 0.5);
    assertThat(metric("entity_f1").parts(README)).containsEntry("MISC", 0.0).hasSize(2);
    assertThat(metric("entity_f1").parts(README)).containsEntry("PER", 1.0);
    assertThat(metric("entity_recall").parts(README)).isEmpty();
  }

  @Test
  void precision_and_recall_count_what_was_found_and_what_was_there() {
    // found PER 0-0, LOC 2-2, LOC 4-4; there were PER 0-0, LOC 2-3
    Predictions judged = tags("B-PER O B-LOC O B-LOC", "B-PER O B-LOC I-LOC O");
    assertValue("entity_precision", judged, 1 / 3.0);
    assertValue("entity_recall", judged, 1 / 2.0);
    assertValue("entity_f1", judged, 2 / 5.0);
    assertThat(metric("entity_f1").parts(judged))
        .containsEntry("PER", 1.0)
        .containsEntry("LOC", 0.0);
  }

  @Test
  void an_inside_begins_an_entity_where_none_of_its_type_is_open() {
    assertThat(entities("O I-PER I-PER O")).containsExactly(new Entity("PER", 1, 2));
    assertThat(entities("I-PER I-LOC"))
        .containsExactly(new Entity("PER", 0, 0), new Entity("LOC", 1, 1));
    assertThat(entities("B-PER I-LOC I-LOC"))
        .containsExactly(new Entity("PER", 0, 0), new Entity("LOC", 1, 2));
  }

  @Test
  void a_beginning_ends_the_entity_before_it() {
    assertThat(entities("B-PER B-PER I-PER"))
        .containsExactly(new Entity("PER", 0, 0), new Entity("PER", 1, 2));
    assertThat(entities("I-PER B-PER"))
        .containsExactly(new Entity("PER", 0, 0), new Entity("PER", 1, 1));
  }

  @Test
  void ends_and_singles_end_theirs_and_a_tag_may_have_no_type() {
    assertThat(entities("B-PER E-PER I-PER S-PER"))
        .containsExactly(new Entity("PER", 0, 1), new Entity("PER", 2, 2), new Entity("PER", 3, 3));
    assertThat(entities("B I O I")).containsExactly(new Entity("_", 0, 1), new Entity("_", 3, 3));
    assertThat(entities("B-A-B I-A-B")).containsExactly(new Entity("A-B", 0, 1));
  }

  @Test
  void strictly_an_entity_begins_with_its_beginning() {
    // found PER 0-1 and, unless strict, LOC 3-4; there were PER 0-1 and LOC 3-4
    Predictions judged = tags("B-PER I-PER O I-LOC I-LOC", "B-PER I-PER O B-LOC I-LOC");
    assertValue("entity_f1", judged, 1);
    assertValue("entity_precision_strict", judged, 1);
    assertValue("entity_recall_strict", judged, 1 / 2.0);
    assertValue("entity_f1_strict", judged, 2 / 3.0);
    assertThat(metric("entity_f1_strict").parts(judged))
        .containsEntry("PER", 1.0)
        .containsEntry("LOC", 0.0);
    assertThat(strict("I-PER B-PER I-LOC I-PER B-LOC B-LOC", false))
        .containsExactly(new Entity("PER", 1, 1), new Entity("LOC", 4, 4), new Entity("LOC", 5, 5));
  }

  @Test
  void strictly_an_entity_of_iobes_ends_with_its_end() {
    assertThat(strict("B-PER I-PER E-PER S-LOC O B-LOC E-LOC", true))
        .containsExactly(new Entity("PER", 0, 2), new Entity("LOC", 3, 3), new Entity("LOC", 5, 6));
    assertThat(strict("B-PER I-PER O B-PER", true)).isEmpty();
    assertThat(strict("B-PER S-PER E-PER", true)).containsExactly(new Entity("PER", 1, 1));
    assertThat(strict("B-PER E-LOC", true)).isEmpty();
    assertThat(Entity.closes(List.of("O", "B-PER", "E-PER"))).isTrue();
    assertThat(Entity.closes(NAMES)).isFalse();
  }

  @Test
  void strictness_needs_labels_that_begin_entities() {
    var inside = new Predictions.Tags(List.of("O", "I-PER"), new int[] {1}, one(), one());
    assertThat(metric("entity_f1").fits(inside)).isTrue();
    assertThat(metric("entity_f1_strict").fits(inside)).isFalse();
    assertThat(metric("entity_f1_strict").fits(README)).isTrue();
  }

  @Property
  void what_is_found_strictly_is_found_otherwise_too(
      @ForAll @NotEmpty List<@IntRange(max = 6) Integer> classes) {
    List<String> tags = classes.stream().map(NAMES::get).toList();
    assertThat(Entity.of(tags)).containsAll(Entity.strict(tags, false));
  }

  @Test
  void an_entity_ends_with_its_sequence() {
    Predictions judged = tags("O B-PER / I-PER O", "O B-PER / I-PER O");
    assertThat(EntityCounts.of((Predictions.Tags) judged, false).counts().truePositives())
        .containsExactly(0, 0, 2); // of LOC, MISC and PER
  }

  @Test
  void labels_that_are_no_tags_make_no_entities() {
    var nouns = new Predictions.Tags(List.of("NOUN", "VERB"), new int[] {1}, one(), one());
    assertThat(metric("entity_f1").fits(nouns)).isFalse();
    var none = new Predictions.Tags(List.of("O"), new int[] {1}, one(), one());
    assertThat(metric("entity_f1").fits(none)).isFalse();
    assertValue("entity_f1", tags("O O", "O O"), 0); // as seqeval says where there is nothing
  }

  @Property
  void figures_lie_between_0_and_1_and_f1_between_precision_and_recall(
      @ForAll @Size(12) List<@IntRange(max = 6) Integer> predicted,
      @ForAll @Size(12) List<@IntRange(max = 6) Integer> expected) {
    var judged = new Predictions.Tags(NAMES, new int[] {5, 0, 7}, ints(predicted), ints(expected));
    double precision = metric("entity_precision").value(judged, 0);
    double recall = metric("entity_recall").value(judged, 0);
    assertThat(metric("entity_f1").value(judged, 0))
        .isBetween(Math.min(precision, recall) - 1e-12, Math.max(precision, recall) + 1e-12)
        .isBetween(0.0, 1.0);
    assertThat(metric("entity_f1").parts(judged).values()).allMatch(f1 -> f1 >= 0 && f1 <= 1);
  }

  @Property
  void what_is_said_as_it_is_expected_is_perfect(
      @ForAll @NotEmpty List<@IntRange(min = 1, max = 6) Integer> classes) {
    int[] all = ints(classes);
    var judged = new Predictions.Tags(NAMES, new int[] {all.length}, all, all);
    assertValue("entity_f1", judged, 1);
    assertThat(metric("entity_f1").parts(judged).values()).allMatch(f1 -> f1 == 1);
  }

  private static List<Entity> entities(String tags) {
    return Entity.of(List.of(tags.split(" ")));
  }

  private static List<Entity> strict(String tags, boolean closing) {
    return Entity.strict(List.of(tags.split(" ")), closing);
  }

  /** Tags of sequences with a slash between. */
  private static Predictions tags(String predicted, String expected) {
    int[] lengths =
        Stream.of(expected.split(" / ")).mapToInt(one -> one.split(" ").length).toArray();
    return new Predictions.Tags(NAMES, lengths, classes(predicted), classes(expected));
  }

  private static int[] classes(String tags) {
    return Arrays.stream(tags.replace("/ ", "").split(" ")).mapToInt(NAMES::indexOf).toArray();
  }

  private static int[] one() {
    return new int[] {0};
  }

  private static int[] ints(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }
}
