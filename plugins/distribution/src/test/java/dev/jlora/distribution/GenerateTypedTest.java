package dev.jlora.distribution;

import static dev.jlora.distribution.TypedLine.jlora;
import static dev.jlora.distribution.TypedLine.piped;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.engine.generation.GenerationSettings;
import dev.jlora.engine.generation.SpecialIds;
import dev.jlora.engine.generation.TokenGenerator;
import dev.jlora.engine.models.Devices;
import dev.jlora.engine.models.LoadedModel;
import dev.jlora.engine.models.ModelLoader;
import dev.jlora.host.Plugins;
import dev.jlora.io.ModelFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code jlora generate} as it is typed. */
class GenerateTypedTest {
  private static final int WRONG_COMMAND_LINE = 2;

  @TempDir Path folder;

  @Test
  void a_prompt_is_piped_in_whole() {
    String model = TinyGpt.folder(folder.resolve("gpt")).toString();
    String typed = jlora("generate", model, "one two\nthree", "--max-new-tokens", "3").said();
    assertThat(typed).startsWith("one two\nthree");
    assertThat(piped("one two\nthree\n", "generate", model, "-", "--max-new-tokens", "3").said())
        .isEqualTo(typed);
  }

  @Test
  void what_draws_nothing_is_refused() {
    String model = folder.toString();
    TypedLine typed = jlora("generate", model, "one", "--top-k", "5", "--top-p", "0.9");
    assertThat(typed.code()).isEqualTo(WRONG_COMMAND_LINE);
    assertThat(typed.err())
        .contains("got --top-k and --top-p with a temperature of 0, which always takes the")
        .contains("add --temperature");
    assertThat(jlora("generate", model, "one", "--temperature", "0", "--top-p", "1").err())
        .contains("got --top-p with a temperature of 0");
    String gpt = TinyGpt.folder(folder.resolve("gpt")).toString();
    jlora("generate", gpt, "one", "--temperature", "1", "--top-k", "2", "--max-new-tokens", "2")
        .said();
  }

  /** The model has a token for each byte and draws from all: most runs of them are no UTF-8. */
  @Test
  void bytes_are_streamed_as_the_tokenizer_decodes_them_all() {
    Path model = TinyDecoder.llama(folder.resolve("llama"));
    String prompt = "the cat";
    int replaced = 0;
    try (var text = TextEncoder.open(ModelFolder.open(model), TextOptions.DEFAULT)) {
      int[] asked = text.encode(prompt).ids();
      for (int seed = 0; seed < 5; seed++) {
        int[] drawn = drawn(model, asked, seed);
        String both =
            text.decode(IntStream.concat(IntStream.of(asked), IntStream.of(drawn)).toArray());
        assertThat(
                jlora(
                        "generate",
                        model.toString(),
                        prompt,
                        "--max-new-tokens",
                        "24",
                        "--temperature",
                        "2",
                        "--seed",
                        Integer.toString(seed))
                    .said())
            .isEqualTo(both + System.lineSeparator());
        replaced += both.indexOf('\uFFFD') >= 0 ? 1 : 0;
      }
    }
    assertThat(replaced).isPositive();
  }

  private static int[] drawn(Path folder, int[] prompt, long seed) {
    ModelFolder model = ModelFolder.open(folder);
    try (LoadedModel loaded =
        new ModelLoader(Plugins.load())
            .load(
                model,
                model.config(),
                "LlamaForCausalLM",
                /* freshHead= */ false,
                null,
                0,
                Devices.of("cpu"))) {
      return new TokenGenerator(loaded.network(), SpecialIds.of(model.config()))
          .generate(List.of(prompt), GenerationSettings.sampled(24, 2, seed))
          .getFirst();
    }
  }
}
