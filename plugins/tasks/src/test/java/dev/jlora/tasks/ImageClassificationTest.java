package dev.jlora.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.data.Dataset;
import dev.jlora.data.Example;
import dev.jlora.data.Row;
import dev.jlora.data.Target;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.EncodingMode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageClassificationTest {
  private static final ColumnsSpec COLUMNS = ColumnsSpec.defaults();
  private static final ModelConfig DIGITS =
      ModelConfig.of("config.json", Json.object("{}", "config.json"))
          .withLabels(List.of("0", "1", "2"));

  private final ImageClassification task = new ImageClassification();

  @Test
  void labels_are_the_job_s_then_the_model_s_if_it_knows_the_data_s_then_the_data_s() {
    assertThat(labels(true, rows("9", "8"), "9", "8")).containsExactly("9", "8");
    assertThat(labels(true, rows("2", "1"))).containsExactly("0", "1", "2");
    assertThat(labels(true, rows("2", "7"))).containsExactly("2", "7");
    assertThat(labels(false, rows("2", "1"))).containsExactly("1", "2");
    assertThat(labels(true, null)).containsExactly("0", "1", "2");
  }

  @Test
  void one_class_is_nothing_to_tell_apart() {
    assertThatThrownBy(() -> labels(false, rows("2", "2")))
        .hasMessageContaining("got only [2], expected two or more");
  }

  @Test
  void an_image_becomes_an_example_with_its_class() {
    List<Example> examples =
        task.encoder(DIGITS, COLUMNS, EncodingMode.TRAIN)
            .encode(List.of(rows("2", "0").row(0), rows("0").row(0)));
    assertThat(examples.get(0).image()).isEqualTo(Path.of("2.png"));
    assertThat(examples.get(0).length()).isEqualTo(1);
    assertThat(examples.get(0).target()).isEqualTo(new Target.ClassId(2));
    assertThat(examples.get(1).target()).isEqualTo(new Target.ClassId(0));
    Row other = new Row(List.of("file"), List.of("a.png"), "rows.csv", 3);
    ColumnsSpec columns = new ColumnsSpec("text", null, "label", null, "file");
    assertThat(
            task.encoder(DIGITS, columns, EncodingMode.PREDICT)
                .encode(List.of(other))
                .getFirst()
                .target())
        .isEqualTo(Target.NONE);
  }

  @Test
  void a_label_out_of_range_is_named_with_its_row() {
    ModelConfig config = DIGITS.withLabels(List.of("5", "6", "7"));
    for (String label : List.of("0", "9", "cat", "-1")) {
      Row row = new Row(List.of("image", "label"), List.of("a.png", label), "rows.csv", 4);
      assertThatThrownBy(
              () -> task.encoder(config, COLUMNS, EncodingMode.TRAIN).encode(List.of(row)))
          .as(label)
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("rows.csv:4: has the unknown label '%s'".formatted(label));
    }
  }

  @Test
  void peft_has_no_type_for_it_so_the_head_is_named() {
    assertThat(task.peftTaskType()).isNull();
    assertThat(task.trainsHead()).isTrue();
  }

  private List<String> labels(boolean keep, Dataset rows, String... asked) {
    TaskSpec spec = TaskSpec.of(TaskSpec.IMAGE_CLASSIFICATION, asked);
    return task.configure(DIGITS, spec, keep, rows, COLUMNS).labels();
  }

  private static Dataset rows(String... labels) {
    return Dataset.of(
        "rows",
        Arrays.stream(labels)
            .map(l -> new Row(List.of("image", "label"), List.of(l + ".png", l), "memory", 0))
            .toList());
  }
}
