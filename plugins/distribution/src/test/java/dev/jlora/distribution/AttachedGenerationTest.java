package dev.jlora.distribution;

import static dev.jlora.Jlora.causalLm;
import static dev.jlora.Jlora.data;
import static dev.jlora.Jlora.finetune;
import static dev.jlora.Jlora.lora;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.Jlora;
import dev.jlora.engine.TextGenerator;
import dev.jlora.engine.generation.Generated;
import dev.jlora.engine.generation.GenerationSettings;
import dev.jlora.model.ModelException;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.spi.Callback;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A generator with adapters beside the one that it was opened with. */
class AttachedGenerationTest {
  private static final GenerationSettings SETTINGS = GenerationSettings.greedy(6);

  @TempDir Path folder;

  @Test
  void each_adapter_generates_as_when_it_is_opened_alone() {
    long live = Tensor.live();
    Path base = TinyGpt.folder(folder.resolve("base"));
    Path up = trained(base, "up", "one two three four five six");
    Path down = trained(base, "down", "one six five four three two");
    String ofBase = alone(base);
    String ofUp = alone(up);
    String ofDown = alone(down);
    assertThat(List.of(ofBase, ofUp, ofDown)).doesNotHaveDuplicates();
    try (TextGenerator generator = Jlora.generator(base)) {
      generator.attach("up", up);
      generator.attach("down", down);
      assertThat(text(generator, "down")).isEqualTo(ofDown);
      assertThat(text(generator, "up")).isEqualTo(ofUp);
      generator.detach("down");
      assertThatThrownBy(() -> text(generator, "down"))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("no adapter 'down'; attached are 'up'");
    }
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void an_adapter_attached_beside_the_one_that_was_opened_leaves_it_as_it_was() {
    Path base = TinyGpt.folder(folder.resolve("base"));
    Path up = trained(base, "up", "one two three four five six");
    Path down = trained(base, "down", "one six five four three two");
    String ofUp = alone(up);
    try (TextGenerator generator = Jlora.generator(up)) {
      generator.attach("down", down);
      assertThat(text(generator, null)).isEqualTo(ofUp);
      assertThat(text(generator, "down")).isEqualTo(alone(down));
    }
  }

  /** Each text comes from one version, even if the adapter is replaced while it is generated. */
  @Test
  void a_text_is_of_one_version_and_rows_of_a_batch_of_their_own_adapters() {
    Path base = TinyGpt.folder(folder.resolve("base"));
    Path up = trained(base, "up", "one two three four five six");
    Path down = trained(base, "down", "one six five four three two");
    String ofUp = alone(up);
    String ofDown = alone(down);
    try (TextGenerator generator = Jlora.generator(base)) {
      generator.attach("v", up);
      AtomicBoolean replaced = new AtomicBoolean();
      List<Generated> during =
          generator.generate(
              List.of("one"),
              SETTINGS,
              (_, _) -> {
                if (!replaced.getAndSet(true)) {
                  generator.adapters().replace("v", down);
                }
              },
              "v");
      assertThat(replaced).isTrue();
      assertThat(during.getFirst().text()).isEqualTo(ofUp);
      assertThat(text(generator, "v")).isEqualTo(ofDown);
      generator.attach("up", up);
      List<String> texts =
          generator
              .generate(
                  List.of("one", "one", "one"),
                  SETTINGS,
                  (_, _) -> {},
                  AdapterSelection.perRow("up", "v", "up"))
              .stream()
              .map(Generated::text)
              .toList();
      assertThat(texts).containsExactly(ofUp, ofDown, ofUp);
      generator.adapters().select(AdapterSelection.of("up"));
      assertThat(text(generator, null)).isEqualTo(ofUp);
    }
  }

  private Path trained(Path base, String name, String text) {
    Path rows = new TinyJob(folder).rows(name + ".jsonl", "{\"text\": \"%s\"}%n".formatted(text));
    return finetune(base)
        .task(causalLm())
        .adapter(lora().rank(8).alpha(32).allLinear())
        .data(data(rows.toString()).maxLength(8))
        .train(
            t ->
                t.learningRate(2e-2)
                    .maxSteps(30)
                    .batch(1)
                    .threads(1)
                    .output(folder.resolve(name).toString()))
        .run(new Callback() {})
        .adapter();
  }

  private static String alone(Path model) {
    try (TextGenerator generator = Jlora.generator(model)) {
      return text(generator, null);
    }
  }

  private static String text(TextGenerator generator, @Nullable String by) {
    return generator.generate(List.of("one"), SETTINGS, (_, _) -> {}, by).getFirst().text();
  }
}
