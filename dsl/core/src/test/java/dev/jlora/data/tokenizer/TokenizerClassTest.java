package dev.jlora.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.ModelFolder;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What {@code tokenizer_config.json} decides. All ids are what {@code
 * AutoTokenizer.from_pretrained(folder)} of transformers 5.12.1 (tokenizers 0.23.1) gives for the
 * same folder: config.json with the model_type, the tokenizer.json of this test.
 */
class TokenizerClassTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'tokenizer_class':'BertTokenizer'}                          | 2 5 6 8 10 6 3 | 2 5 6 8 3",
        "{'tokenizer_class':'BertTokenizer','do_lower_case':false}    | 2 1 6 1 10 1 3 | 2 5 6 8 3",
        "{'tokenizer_class':'BertTokenizer','truncation_side':'left'} | 2 5 6 8 10 6 3 | 2 10 11 7"
            + " 3",
        "{'tokenizer_class':'BertTokenizer','strip_accents':false}    | 2 5 6 8 10 1 3 | 2 5 6 8 3",
        "{'tokenizer_class':'PreTrainedTokenizerFast','do_lower_case':false}"
            + " | 2 5 6 8 10 6 3 | 2 5 6 8 3",
      })
  void keys_override_what_a_bert_tokenizer_says(String config, String ids, String cut)
      throws Exception {
    String json = Files.readString(resource("/tokenizers/wordpiece.json"));
    try (TextEncoder encoder = open("bert", json, config, TextOptions.DEFAULT)) {
      assertThat(encoder.encode("A good FILM was góod").ids()).containsExactly(numbers(ids));
    }
    var five = TextOptions.DEFAULT.withMaxLength(5);
    try (TextEncoder encoder = open("bert", json, config, five)) {
      assertThat(encoder.encode("a good film this was very bad").ids())
          .containsExactly(numbers(cut));
    }
  }

  /** Padding on another side changes no text's result, so the key is reported and not applied. */
  @Test
  void padding_on_the_left_is_reported() throws Exception {
    String json = Files.readString(resource("/tokenizers/wordpiece.json"));
    assertThat(logged(json, "{'padding_side':'left'}"))
        .contains("tokenizer.json: padding_side is left, which jlora does not apply");
    assertThat(logged(json, "{'padding_side':'right'}")).doesNotContain("padding_side");
  }

  /** The log lines of opening a tokenizer. */
  private String logged(String json, String config) throws Exception {
    PrintStream before = System.err;
    var bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try (TextEncoder encoder = open("bert", json, config, TextOptions.DEFAULT)) {
      assertThat(encoder.encode("a good film").ids()).containsExactly(2, 5, 6, 8, 3);
    } finally {
      System.setErr(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void the_left_side_is_cut_of_both_texts_of_a_pair() throws Exception {
    String json = Files.readString(resource("/tokenizers/wordpiece.json"));
    String config = "{'tokenizer_class':'BertTokenizer','truncation_side':'left'}";
    try (TextEncoder encoder = open("bert", json, config, TextOptions.DEFAULT.withMaxLength(8))) {
      assertThat(encoder.encode("a good film", "the film was bad this").ids())
          .containsExactly(2, 6, 8, 3, 10, 7, 17, 3);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                                                | 3 8 | 8 3 2 3 8 | 8 2"
            + " 8 8",
        "{'tokenizer_class':'LlamaTokenizer'}                              | 8   | 8 3 2 8   | 8 2"
            + " 7 8",
        "{'tokenizer_class':'LlamaTokenizerFast','legacy':true}            | 8   | 8 3 2 8   | 8 2"
            + " 8 8",
        "{'tokenizer_class':'LlamaTokenizer','add_prefix_space':false,'add_eos_token':true}"
            + " | 8   | 7 3 2 8   | 7 2 7 8",
      })
  void a_llama_tokenizer_has_rules_of_its_own(
      String config, String spaced, String between, String behind) throws Exception {
    String json = Tokenizers.sentencePiece().toString();
    try (TextEncoder encoder = open("llama", json, config, TextOptions.DEFAULT)) {
      assertThat(encoder.encode(" ab").ids()).containsExactly(numbers(spaced));
      assertThat(encoder.encode("ab </s> ab").ids()).containsExactly(numbers(between));
      assertThat(encoder.encode("ab</s>ab ab").ids()).containsExactly(numbers(behind));
    }
  }

  @Test
  void a_prefix_space_is_added_where_the_configuration_says_so() throws Exception {
    // by the rule of GPT2Tokenizer: ByteLevel(add_prefix_space), so that "a" reads as " a"
    String json = Tokenizers.byteLevel().toString();
    ObjectNode file = Tokenizers.byteLevel();
    int spaced = file.at("/model/vocab/\u0120a").intValue();
    int bare = file.at("/model/vocab/a").intValue();
    try (TextEncoder with = open("gpt2", json, "{'add_prefix_space':true}", TextOptions.DEFAULT);
        TextEncoder without =
            open("gpt2", json, "{'add_prefix_space':false}", TextOptions.DEFAULT);
        TextEncoder llama3 =
            open(
                "llama",
                json,
                "{'tokenizer_class':'PreTrainedTokenizerFast','add_prefix_space':true}",
                TextOptions.DEFAULT)) {
      assertThat(with.encode("a").ids()).containsExactly(spaced);
      assertThat(without.encode("a").ids()).containsExactly(bare);
      assertThat(llama3.encode("a").ids()).containsExactly(bare);
    }
  }

  /** Lengths kept of two texts of so many words, with two special tokens, as tokenizers 0.23.1. */
  @ParameterizedTest
  @CsvSource({
    "7,5,4,3,2", "7,7,7,2,3", "7,9,6,3,2", "7,9,7,2,3", "7,4,9,2,3", "7,2,9,2,3", "7,9,2,3,2",
    "7,1,9,1,4", "7,6,7,2,3", "7,6,5,3,2", "7,11,6,3,2", "7,11,1,4,1", "5,4,3,2,1", "5,5,5,1,2",
    "5,9,4,2,1", "5,9,5,1,2", "5,2,2,1,2", "5,11,0,3,0", "5,0,11,0,3", "7,3,3,2,3", "7,4,2,3,2",
  })
  void pairs_are_cut_as_by_current_tokenizers(int most, int n, int m, int first, int second)
      throws Exception {
    ObjectNode json = Tokenizers.wordLevel();
    json.putNull("normalizer");
    json.set(
        "post_processor",
        Json.parse(
            """
            {"type":"TemplateProcessing",
             "single":[{"SpecialToken":{"id":"s","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
             "pair":[{"SpecialToken":{"id":"s","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
               {"SpecialToken":{"id":"s","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
             "special_tokens":{"s":{"id":"s","ids":[2],"tokens":["good"]}}}\
            """,
            "template"));
    Path file = Files.writeString(folder.resolve("words.json"), json.toString());
    try (TextEncoder encoder = TextEncoder.open(file, TextOptions.DEFAULT.withMaxLength(most))) {
      int[] ids = encoder.encode("a ".repeat(n), "b ".repeat(m)).ids();
      assertThat(Arrays.stream(ids).filter(id -> id == 1).count()).isEqualTo(first);
      assertThat(Arrays.stream(ids).filter(id -> id == 3).count()).isEqualTo(second);
    }
  }

  @Test
  void a_question_that_leaves_no_room_is_named() throws Exception {
    // transformers: "Sequence to truncate too short to respect the provided max_length"
    Path file = resource("/tokenizers/wordpiece.json");
    var options = TextOptions.DEFAULT.withMaxLength(7).withCut(TextOptions.Cut.ONLY_SECOND);
    try (TextEncoder encoder = TextEncoder.open(file, options)) {
      assertThat(encoder.encode("a good film", "the film was bad").ids()).hasSize(7);
      for (String question : List.of("a good film this", "a good film this was very bad")) {
        assertThatThrownBy(
                () ->
                    encoder.encode(
                        List.of("a", question),
                        List.of("the", "the film"),
                        true,
                        List.of("f:1", "f:2")))
            .isInstanceOf(FormatException.class)
            .hasMessageContaining("f:2: has a question")
            .hasMessageContaining("no room for its context in 7 tokens");
      }
    }
  }

  @Test
  void the_architecture_says_how_long_a_sequence_may_be() throws Exception {
    // RoBERTa counts positions from pad_token_id + 1, so 34 positions are 32 tokens
    String json = Tokenizers.byteLevel().toString();
    write("roberta", json, "{'model_max_length':1e30}");
    Files.writeString(
        folder.resolve("config.json"),
        "{\"model_type\":\"roberta\",\"max_position_embeddings\":34,\"pad_token_id\":1}");
    ModelFolder model = ModelFolder.open(folder);
    try (TextEncoder encoder = TextEncoder.open(model, TextOptions.DEFAULT, 32)) {
      assertThat(encoder.maxLength()).isEqualTo(32);
      assertThat(encoder.encode("a ".repeat(99)).length()).isEqualTo(32);
    }
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"model_max_length\":20}");
    try (TextEncoder encoder = TextEncoder.open(model, TextOptions.DEFAULT, 32)) {
      assertThat(encoder.maxLength()).isEqualTo(20);
    }
  }

  private TextEncoder open(String model, String json, String config, TextOptions options)
      throws Exception {
    write(model, json, config);
    return TextEncoder.open(ModelFolder.open(folder), options);
  }

  private void write(String model, String json, String config) throws Exception {
    Files.writeString(folder.resolve("tokenizer.json"), json);
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"%s\"}".formatted(model));
    Files.writeString(folder.resolve("tokenizer_config.json"), config.replace('\'', '"'));
  }

  private static int[] numbers(String text) {
    return Arrays.stream(text.strip().split(" ")).mapToInt(Integer::parseInt).toArray();
  }

  private static Path resource(String name) throws URISyntaxException {
    return Path.of(TokenizerClassTest.class.getResource(name).toURI());
  }
}
