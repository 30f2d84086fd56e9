package dev.jlora.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.io.FormatException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How labels may be written in data, and what is said of those that cannot be meant. */
class LabelsTest {
  private final Labels labels = Labels.of("bad", "good", "fine");

  @Test
  void a_label_is_its_name_or_its_id() {
    assertThat(labels.id("good", "rows:1")).isEqualTo(1);
    assertThat(labels.id("2", "rows:1")).isEqualTo(2);
    assertThatThrownBy(() -> labels.id("3", "rows:1"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("rows:1: has the unknown label '3'; the 3 known ones are");
    assertThatThrownBy(() -> labels.id("-1", "rows:1")).hasMessageContaining("label '-1'");
  }

  @Test
  void names_that_are_numbers_are_no_ids() {
    Labels stars = Labels.of("1", "2", "3");
    assertThat(stars.id("1", "rows:1")).isZero();
    assertThatThrownBy(() -> stars.id("0", "rows:1")).hasMessageContaining("unknown label '0'");
  }

  @Test
  void a_name_given_twice_is_refused() {
    assertThatThrownBy(() -> Labels.of("bad", "good", "bad"))
        .hasMessage("label 'bad' is named twice among the 3 labels");
  }

  @Test
  void several_labels_are_a_list_or_joined_or_one_number_each() {
    assertThat(labels.multiHot(row(List.of("fine", "bad")), "label", null))
        .containsExactly(1, 0, 1);
    assertThat(labels.multiHot(row("fine | bad"), "label", null)).containsExactly(1, 0, 1);
    assertThat(labels.multiHot(row(" "), "label", null)).containsExactly(0, 0, 0);
    assertThat(labels.multiHot(row(List.of(true, false, true)), "label", null))
        .containsExactly(1, 0, 1);
    assertThat(labels.multiHot(row(List.of(0.5, 0.0, 1.0)), "label", null))
        .containsExactly(0.5f, 0, 1);
    assertThatThrownBy(() -> labels.multiHot(row("fine|worse"), "label", null))
        .hasMessageContaining("rows.jsonl:4: has the unknown label 'worse'");
  }

  @Test
  void collected_labels_are_ordered_as_numbers_or_as_words() {
    assertThat(collected("10", "9", "10", "-1").names()).containsExactly("-1", "9", "10");
    assertThat(collected("b", "10", "a").names()).containsExactly("10", "a", "b");
    assertThat(Labels.collect(Dataset.of("rows", List.of(row(List.of("y", "x")))), "label").names())
        .containsExactly("x", "y");
  }

  private static Labels collected(String... values) {
    return Labels.collect(
        Dataset.of("rows", Arrays.stream(values).map(LabelsTest::row).toList()), "label");
  }

  private static Row row(Object label) {
    return new Row(List.of("label"), List.of(label), "rows.jsonl", 4);
  }
}
