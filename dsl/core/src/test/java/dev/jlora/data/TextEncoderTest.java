package dev.jlora.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.io.FormatException;
import dev.jlora.io.ModelFolder;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextEncoderTest {
  private static final Path WORDPIECE = resource("/tokenizers/wordpiece.json");

  @Test
  void one_text_gets_its_special_tokens_and_no_padding() {
    try (TextEncoder encoder = TextEncoder.open(WORDPIECE, TextOptions.DEFAULT)) {
      assertThat(encoder.encode("A good film!").ids()).containsExactly(2, 5, 6, 8, 15, 3);
      assertThat(encoder.encode("A good film!").typeIds()).isNull();
      assertThat(encoder.encode("").ids()).containsExactly(2, 3);
      List<Encoded> two =
          encoder.encode(List.of("good", "this film was bad"), List.of("a:1", "a:2"));
      assertThat(two.get(0).ids()).containsExactly(2, 6, 3);
      assertThat(two.get(1).ids()).containsExactly(2, 17, 8, 10, 7, 3);
      assertThat(encoder.decode(two.get(1).ids())).isEqualTo("this film was bad");
    }
    try (TextEncoder bare =
        TextEncoder.open(WORDPIECE, TextOptions.DEFAULT.withoutSpecialTokens())) {
      assertThat(bare.encode("good").ids()).containsExactly(6);
    }
  }

  @Test
  void a_pair_is_typed_and_its_longer_text_is_cut_first() {
    try (TextEncoder encoder = TextEncoder.open(WORDPIECE, TextOptions.DEFAULT.withMaxLength(7))) {
      Encoded pair = encoder.encode("a good good good good good film", "the film");
      assertThat(pair.ids()).containsExactly(2, 5, 6, 3, 9, 8, 3);
      assertThat(pair.typeIds()).containsExactly(0, 0, 0, 0, 1, 1, 1);
    }
  }

  @Test
  void words_and_offsets_are_those_of_the_java_string() {
    try (TextEncoder encoder = TextEncoder.open(WORDPIECE, TextOptions.DEFAULT)) {
      String text = "\uD83D\uDE00 unbelievable film";
      Encoded encoded = encoder.encode(List.of(text), null, true, List.of("a:1")).getFirst();
      Encoded.Details details = encoded.details();
      assertThat(encoded.ids()).containsExactly(2, 1, 12, 13, 14, 8, 3);
      assertThat(details.wordIds()).containsExactly(-1, 0, 1, 1, 1, 2, -1);
      assertThat(text.substring(details.starts()[3], details.ends()[3])).isEqualTo("believ");
      assertThat(text.substring(details.starts()[5], details.ends()[5])).isEqualTo("film");
      assertThat(details.sequenceIds()).containsExactly(-1, 0, 0, 0, 0, 0, -1);
    }
  }

  @Test
  void what_is_too_long_names_row_and_lengths() {
    TextOptions options = TextOptions.DEFAULT.withMaxLength(4);
    try (TextEncoder cutting = TextEncoder.open(WORDPIECE, options);
        TextEncoder strict = TextEncoder.open(WORDPIECE, options.withoutTruncation());
        TextEncoder tiny = TextEncoder.open(WORDPIECE, options.withMaxLength(1))) {
      assertThat(cutting.encode("a good film !").ids()).containsExactly(2, 5, 6, 3);
      assertThatThrownBy(
              () -> strict.encode(List.of("good", "a good film !"), List.of("f:1", "f:2")))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("f:2: has 6 tokens, more than the 4");
      assertThatThrownBy(() -> tiny.encode("good"))
          .hasMessageContaining("cannot be cut to 1 token, which leaves no room");
      assertThatThrownBy(
              () ->
                  TextEncoder.open(WORDPIECE, options.withMaxLength(1).withoutTruncation())
                      .encode("good"))
          .hasMessageContaining("has 3 tokens, more than the 1 that the job allows");
    }
  }

  @Test
  void the_parts_of_special_tokens_are_known() {
    try (TextEncoder encoder = TextEncoder.open(WORDPIECE, TextOptions.DEFAULT)) {
      assertThat(encoder.padId()).isZero();
      assertThat(encoder.maskId()).hasValue(4);
      assertThat(encoder.specialIds()).containsExactly(0, 1, 2, 3, 4);
      assertThat(encoder.id("film")).hasValue(8);
      assertThat(encoder.vocabularySize()).isEqualTo(18);
    }
  }

  @Test
  void a_closed_encoder_and_a_strange_file_are_told(@TempDir Path folder) throws Exception {
    TextEncoder encoder = TextEncoder.open(WORDPIECE, TextOptions.DEFAULT);
    encoder.close();
    encoder.close();
    assertThatThrownBy(() -> encoder.encode("good")).isInstanceOf(IllegalStateException.class);
    Path file = Files.writeString(folder.resolve("tokenizer.json"), "{\"model\":{\"vocab\":{}}}");
    assertThatThrownBy(() -> TextEncoder.open(file, TextOptions.DEFAULT))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void a_real_model_limits_the_length() {
    Path model = shared("models/bert-tiny-imdb");
    Assumptions.assumeTrue(Files.isDirectory(model), "no " + model + " beside the project");
    try (TextEncoder encoder = TextEncoder.open(ModelFolder.open(model), TextOptions.DEFAULT)) {
      assertThat(encoder.maxLength()).isEqualTo(512);
      int[] ids = encoder.encode("This was a truly wonderful film. ".repeat(200)).ids();
      assertThat(ids).hasSize(512).startsWith(2).endsWith(3);
      assertThat(encoder.decode(encoder.encode("A wonderful film!").ids()))
          .isEqualTo("a wonderful film!");
    }
  }

  /** A file of the folder that lies beside the checkout, wherever the test runs. */
  private static Path shared(String name) {
    Path at = Path.of("").toAbsolutePath();
    while (at != null && !Files.isDirectory(at.resolve("shared"))) {
      at = at.getParent();
    }
    return at == null ? Path.of("../shared", name) : at.resolve("shared").resolve(name);
  }

  @Test
  void a_text_of_many_million_characters_is_refused_at_once(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("tokenizer.json"),
            "{\"model\": {\"type\": \"WordLevel\", \"unk_token\": \"a\", \"vocab\": {\"a\": 0}}}");
    try (TextEncoder encoder = TextEncoder.open(file, TextOptions.DEFAULT)) {
      String text = "a ".repeat(4_000_001);
      assertThatThrownBy(() -> encoder.encode(List.of("a", text), List.of("f:1", "f:2")))
          .isInstanceOf(FormatException.class)
          .hasMessage(
              "f:2: has 8,000,002 characters, more than the 8,000,000 that a text may have. Split"
                  + " it into several rows.");
    }
  }

  @Test
  void a_file_that_is_no_tokenizer_is_told(@TempDir Path folder) throws Exception {
    Path other = Files.writeString(folder.resolve("other.json"), "{\"model_type\": \"bert\"}");
    assertThatThrownBy(() -> TextEncoder.open(other, TextOptions.DEFAULT))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("other.json: has no model.vocab, so it is not a tokenizer");
    Path newer =
        Files.writeString(
            folder.resolve("newer.json"),
            "{\"model\": {\"type\": \"PieceOfWord\", \"vocab\": {\"a\": 0}}}");
    assertThatThrownBy(() -> TextEncoder.open(newer, TextOptions.DEFAULT))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("newer.json: is not a tokenizer this version reads");
  }

  private static Path resource(String name) {
    try {
      return Path.of(TextEncoderTest.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
