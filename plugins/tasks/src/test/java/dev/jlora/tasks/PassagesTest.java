package dev.jlora.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.data.Collator;
import dev.jlora.data.Row;
import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelFolder;
import dev.jlora.spec.ColumnsSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is learnt of a row with a tokenizer of Llama 2's rules, which puts a space in front of every
 * text. The ids of whole texts are those of transformers 5.12.1 for the same tokenizer.json: "ab
 * ab" is [8, 8], "ab</s>ab ab" is [8, 2, 8, 8]; " ab" alone would be [3, 8].
 */
class PassagesTest {
  private static final int NONE = Collator.IGNORED;
  private static final String TOKENIZER =
      """
      {"version":"1.0","truncation":null,"padding":null,"added_tokens":[
       {"id":2,"content":"</s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
       "normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},
        {"type":"Replace","pattern":{"String":" "},"content":"▁"}]},
       "pre_tokenizer":null,"post_processor":null,"decoder":null,
       "model":{"type":"BPE","dropout":null,"unk_token":"<unk>","fuse_unk":true,"byte_fallback":true,
        "vocab":{"<unk>":0,"<s>":1,"</s>":2,"▁":3,"a":4,"b":5,"▁a":6,"ab":7,"▁ab":8},
        "merges":["▁ a","a b","▁a b"]}}\
      """;

  @TempDir Path folder;

  @Test
  void a_prompt_and_its_completion_are_one_text() throws Exception {
    try (TextEncoder text = open("{\"eos_token\":\"</s>\"}", false)) {
      var passages =
          new Passages(text, ColumnsSpec.defaults())
              .of(
                  List.of(
                      Row.of(Map.of("prompt", "ab", "completion", " ab")),
                      Row.of(Map.of("prompt", "ab ", "completion", "ab"))),
                  true);
      assertThat(passages).allSatisfy(one -> assertThat(one.ids()).containsExactly(8, 8, 2));
      assertThat(passages).allSatisfy(one -> assertThat(one.labels()).containsExactly(NONE, 8, 2));
    }
  }

  @Test
  void parts_with_an_end_between_them_are_one_text_too() throws Exception {
    try (TextEncoder text = open("{\"eos_token\":\"</s>\"}", false)) {
      var parts =
          List.of(
              new Passages.Part("ab", true, true),
              new Passages.Part("ab", false, false),
              new Passages.Part(" ab", true, true));
      var joined = JoinedText.of(parts, text.endText());
      assertThat(joined).hasSize(1);
      var learnt = JoinedText.encode(text, joined, List.of("row")).getFirst();
      assertThat(learnt.ids()).containsExactly(8, 2, 8, 8);
      assertThat(learnt.learnt().stream()).containsExactly(0, 1, 3);
    }
  }

  @Test
  void a_chat_model_is_not_taught_other_markers_without_being_asked() throws Exception {
    Row chat = Row.of(Map.of("messages", List.of(Map.of("role", "assistant", "content", "ab"))));
    String template = "{\"eos_token\":\"</s>\",\"chat_template\":\"{{ messages }}\"}";
    try (TextEncoder text = open(template, false)) {
      assertThatThrownBy(() -> new Passages(text, ColumnsSpec.defaults()).of(List.of(chat), true))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("has a chat template of its own")
          .hasMessageContaining("--plain-chat");
    }
    try (TextEncoder text = open(template, true)) {
      assertThat(new Passages(text, ColumnsSpec.defaults()).of(List.of(chat), true)).hasSize(1);
    }
    Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages }}");
    try (TextEncoder text = open("{\"eos_token\":\"</s>\"}", false)) {
      assertThat(text.chatTemplate()).hasValueSatisfying(it -> it.endsWith("chat_template.jinja"));
    }
  }

  private TextEncoder open(String config, boolean plain) throws Exception {
    Files.writeString(folder.resolve("tokenizer.json"), TOKENIZER);
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"llama\"}");
    Files.writeString(folder.resolve("tokenizer_config.json"), config);
    return TextEncoder.open(ModelFolder.open(folder), TextOptions.DEFAULT.withPlainChat(plain));
  }
}
