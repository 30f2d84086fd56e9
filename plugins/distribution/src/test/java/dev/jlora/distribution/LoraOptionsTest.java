package dev.jlora.distribution;

import static dev.jlora.Jlora.causalLm;
import static dev.jlora.Jlora.data;
import static dev.jlora.Jlora.finetune;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.Jlora;
import dev.jlora.adapters.tokens.TrainableTokensSpec;
import dev.jlora.engine.Engine;
import dev.jlora.engine.TextGenerator;
import dev.jlora.engine.generation.GenerationSettings;
import dev.jlora.host.Plugins;
import dev.jlora.model.ModelException;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.LayerRange;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.Callback;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * LoRA's further options as jobs: planned with counted memory, trained, generated with from the
 * output folder and from PEFT's two files, merged.
 */
class LoraOptionsTest {
  private static final GenerationSettings SETTINGS = GenerationSettings.greedy(6);
  private static final Engine ENGINE = new Engine(Plugins.load());

  @TempDir Path folder;

  static Stream<AdapterSpec> options() {
    return Stream.of(
        LoraSpec.builder().rank(4).targets("c_attn", "wte").dora().rslora().dropout(0.1).build(),
        LoraSpec.builder().rank(4).targets("c_attn", "c_fc").loraBias().build(),
        LoraSpec.builder().rank(4).targets("c_attn").trainableTokens(2, 3, 4).build(),
        LoraSpec.builder().rank(4).targets().targetParameters("c_attn.weight").build(),
        TrainableTokensSpec.builder(2, 3, 4).build());
  }

  @ParameterizedTest
  @MethodSource("options")
  void an_option_is_planned_trained_loaded_and_merged(AdapterSpec adapter) throws IOException {
    Path run = trained(TinyGpt.folder(folder.resolve("base")), adapter);
    String text = text(run);
    assertThat(text).isNotEqualTo(text(folder.resolve("base")));
    assertThat(text(bare(run))).isEqualTo(text);
    Path merged = folder.resolve("merged");
    Jlora.merge(run, merged);
    assertThat(text(merged)).isEqualTo(text);
  }

  @Test
  void repeated_layers_are_trained_and_loaded_and_not_merged() throws IOException {
    Path base = TinyDecoder.llama(folder.resolve("base"));
    LoraSpec spec =
        LoraSpec.builder()
            .rank(4)
            .allLinear()
            .replicateLayers(new LayerRange(0, 2), new LayerRange(1, 2))
            .build();
    Path run = trained(base, spec);
    String text = text(run);
    assertThat(text(bare(run))).isEqualTo(text);
    assertThatThrownBy(() -> Jlora.merge(run, folder.resolve("merged")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("layer_replication");
    try (TextGenerator generator = Jlora.generator(base)) {
      assertThatThrownBy(() -> generator.attach("more", run))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("expected them repeated as [[0, 2], [1, 2]]");
    }
  }

  private Path trained(Path base, AdapterSpec adapter) {
    Path rows =
        new TinyJob(folder)
            .rows("rows.jsonl", "{\"text\": \"one two three four one two three four\"}\n");
    var job =
        finetune(base)
            .task(causalLm())
            .adapter(adapter)
            .data(data(rows.toString()).maxLength(12))
            .train(
                t ->
                    t.learningRate(5e-2)
                        .maxSteps(12)
                        .batch(1)
                        .threads(1)
                        .output(folder.resolve("run").toString()));
    assertThat(ENGINE.forecast(job.spec()).memory().counted()).isTrue();
    return job.run(new Callback() {}).adapter();
  }

  /** The adapter as PEFT saves it, without a job. */
  private Path bare(Path run) throws IOException {
    Path bare = Files.createDirectories(folder.resolve("bare"));
    for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
      Files.copy(run.resolve(file), bare.resolve(file));
    }
    return bare;
  }

  private static String text(Path model) {
    try (TextGenerator generator = Jlora.generator(model)) {
      return generator
          .generate(List.of("one"), SETTINGS, (_, _) -> {}, (String) null)
          .getFirst()
          .text();
    }
  }
}
