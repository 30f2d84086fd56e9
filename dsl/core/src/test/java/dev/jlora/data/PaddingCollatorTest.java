package dev.jlora.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.data.PaddingCollator.Padding;
import dev.jlora.tensor.DType;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PaddingCollatorTest {
  private static final Padding LONGEST = Padding.longest(9, false);

  @Test
  void pads_to_the_longest_a_multiple_or_a_length() {
    List<Example> examples = List.of(example(Target.NONE, 1, 2, 3), example(Target.NONE, 4));
    assertThat(longs(LONGEST, examples, "input_ids")).containsExactly(1, 2, 3, 4, 9, 9);
    assertThat(longs(LONGEST.withMultipleOf(4), examples, "attention_mask"))
        .containsExactly(1, 1, 1, 0, 1, 0, 0, 0);
    assertThat(longs(LONGEST.withLength(5), examples, "input_ids"))
        .containsExactly(1, 2, 3, 9, 9, 4, 9, 9, 9, 9);
    assertThat(longs(LONGEST.onTheLeft(), examples, "input_ids")).containsExactly(1, 2, 3, 9, 9, 4);
    assertThatThrownBy(() -> longs(LONGEST.withLength(2), examples, "input_ids"))
        .hasMessageContaining("f:1 has 3 tokens, more than the 2");
  }

  @Test
  void type_ids_are_there_where_the_model_takes_them() {
    List<Example> examples =
        List.of(
            new Example(new int[] {1, 2}, new int[] {0, 1}, Target.NONE, "f:1"),
            example(Target.NONE, 3, 4, 5));
    assertThat(longs(Padding.longest(0, true), examples, "token_type_ids"))
        .containsExactly(0, 1, 0, 0, 0, 0);
    try (HostBatch batch = new PaddingCollator(LONGEST).collate(examples, rows(examples))) {
      assertThat(batch.parts()).containsOnlyKeys("input_ids", "attention_mask");
    }
  }

  @Test
  void targets_become_labels_of_their_kind() {
    assertThat(
            longs(
                LONGEST,
                List.of(example(new Target.ClassId(3), 1), example(new Target.ClassId(0), 1)),
                "labels"))
        .containsExactly(3, 0);
    assertThat(
            longs(
                LONGEST,
                List.of(
                    example(new Target.TokenIds(new int[] {7, Collator.IGNORED}), 1, 2),
                    example(new Target.TokenIds(new int[] {8}), 1)),
                "labels"))
        .containsExactly(7, Collator.IGNORED, 8, Collator.IGNORED);
    List<Example> spans =
        List.of(example(new Target.Span(0, 0), 1), example(new Target.Span(1, 2), 1, 2, 3));
    assertThat(longs(LONGEST, spans, "start_positions")).containsExactly(0, 1);
    assertThat(longs(LONGEST.onTheLeft(), spans, "end_positions")).containsExactly(2, 2);
    List<Example> hot =
        List.of(
            example(new Target.MultiHot(new float[] {1, 0, 1}), 1),
            example(new Target.MultiHot(new float[] {0, 1, 0}), 1));
    assertThat(floats(hot)).containsExactly(1, 0, 1, 0, 1, 0);
    assertThat(floats(List.of(example(new Target.Score(2.5f), 1)))).containsExactly(2.5f);
  }

  @Test
  void examples_of_one_batch_have_targets_of_one_kind() {
    List<Example> mixed =
        List.of(example(new Target.ClassId(3), 1), example(new Target.Score(1), 1));
    assertThatThrownBy(() -> longs(LONGEST, mixed, "labels"))
        .hasMessageContaining("f:1: its target is Score")
        .hasMessageContaining("have a ClassId");
  }

  @Test
  void many_labels_are_read_from_names_ids_and_flags() {
    Labels labels = Labels.of("sad", "glad", "mad");
    assertThat(hot(labels, List.of("mad", "sad"))).containsExactly(1, 0, 1);
    assertThat(hot(labels, List.of(1))).containsExactly(0, 1, 0);
    assertThat(hot(labels, "glad | mad")).containsExactly(0, 1, 1);
    assertThat(hot(labels, List.of(false, true, false))).containsExactly(0, 1, 0);
    assertThat(hot(labels, List.of(0.0, 0.5, 1.0))).containsExactly(0, 0.5f, 1);
    assertThat(hot(labels, List.of())).containsExactly(0, 0, 0);
    assertThatThrownBy(() -> hot(labels, List.of("bad")))
        .hasMessageContaining("unknown label 'bad'");
  }

  @Test
  void a_length_is_rounded_up_but_not_beyond_what_the_model_takes() {
    List<Example> five = List.of(example(new Target.None(), 1, 2, 3, 4, 5));
    assertThat(longs(LONGEST.withMultipleOf(8), five, "input_ids")).hasSize(8);
    assertThat(longs(LONGEST.withMultipleOf(8).withLimit(7), five, "input_ids")).hasSize(7);
    assertThat(longs(LONGEST.withMultipleOf(8).withLimit(16), five, "input_ids")).hasSize(8);
  }

  private static float[] hot(Labels labels, Object value) {
    return labels.multiHot(Row.of(Map.of("label", value)), "label", null);
  }

  private static Example example(Target target, int... ids) {
    return new Example(ids, null, target, "f:1");
  }

  private static BatchRows rows(List<Example> examples) {
    return new BatchRows(0, 0, new int[examples.size()], true);
  }

  private static long[] longs(Padding padding, List<Example> examples, String name) {
    try (HostBatch batch = new PaddingCollator(padding).collate(examples, rows(examples))) {
      HostBatch.Part part = batch.parts().get(name);
      assertThat(part.dtype()).isEqualTo(DType.INT64);
      return part.memory().toArray(ValueLayout.JAVA_LONG);
    }
  }

  private static float[] floats(List<Example> examples) {
    try (HostBatch batch = new PaddingCollator(LONGEST).collate(examples, rows(examples))) {
      HostBatch.Part part = batch.parts().get("labels");
      assertThat(part.dtype()).isEqualTo(DType.FLOAT32);
      return part.memory().toArray(ValueLayout.JAVA_FLOAT);
    }
  }
}
