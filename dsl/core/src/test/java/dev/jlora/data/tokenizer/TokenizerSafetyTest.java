package dev.jlora.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No file and no text ends the process: the library panics on those that are tried here. */
class TokenizerSafetyTest {
  @TempDir Path folder;

  @Test
  void an_unknown_token_that_is_not_in_the_vocabulary_costs_the_text_alone() throws Exception {
    ObjectNode json = Tokenizers.wordPiece();
    ((ObjectNode) json.path("model")).put("unk_token", "[NONE]");
    try (TextEncoder encoder = open(json)) {
      assertThat(encoder.encode("a good film").ids()).containsExactly(2, 5, 6, 8, 3);
      assertThatThrownBy(() -> encoder.encode(List.of("a film", "☃ snow"), List.of("f:1", "f:2")))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("f:2: cannot be encoded with")
          .hasMessageContaining("model.unk_token is \"[NONE]\", which model.vocab does not have");
      assertThat(encoder.encode("a good film").ids()).containsExactly(2, 5, 6, 8, 3);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pre_tokenizer={\"type\":\"FixedLength\",\"length\":0}",
        "normalizer={\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(a*)*$\"},\"content\":\"\"}",
      })
  void a_part_that_makes_the_library_panic_is_refused_or_costs_its_texts(String part)
      throws Exception {
    ObjectNode json = Tokenizers.wordPiece();
    String[] keyed = part.split("=", 2);
    json.set(keyed[0], Json.parse(keyed[1], part));
    try (TextEncoder encoder = open(json)) {
      encoder.encode("a".repeat(40) + "b");
    } catch (FormatException e) {
      assertThat(e).hasMessageContaining("tokenizer.json").hasMessageContaining(keyed[0]);
    }
  }

  /**
   * Ctrl-C and service managers signal all processes of a group, and training finishes its step.
   */
  @Test
  void signals_do_not_end_the_other_process() throws Exception {
    ObjectNode json = Tokenizers.wordPiece();
    ((ObjectNode) json.path("model")).put("unk_token", "[NONE]");
    Set<Long> before = children();
    try (TextEncoder encoder = open(json)) {
      encoder.encode("a good film");
      Set<Long> started = children();
      started.removeAll(before);
      assertThat(started).isNotEmpty();
      for (long pid : started) {
        for (String signal : List.of("-INT", "-TERM")) {
          new ProcessBuilder("kill", signal, Long.toString(pid)).start().waitFor();
        }
      }
      assertThat(encoder.encode("a good film").ids()).containsExactly(2, 5, 6, 8, 3);
      assertThat(children()).containsAll(started);
    }
  }

  private static Set<Long> children() {
    return ProcessHandle.current()
        .children()
        .map(ProcessHandle::pid)
        .collect(Collectors.toCollection(HashSet::new));
  }

  @Test
  void a_decoder_that_panics_is_told() throws Exception {
    ObjectNode json = Tokenizers.wordPiece();
    json.set(
        "decoder",
        Json.parse("{\"type\":\"Strip\",\"content\":\"a\",\"start\":0,\"stop\":9}", "decoder"));
    try (TextEncoder encoder = open(json)) {
      assertThatThrownBy(() -> encoder.decode(new int[] {5}))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("cannot decode tokens")
          .hasMessageContaining("decoder Strip");
    }
  }

  @Test
  void a_template_is_checked_before_the_library_sees_it() throws Exception {
    ObjectNode unnamed = Tokenizers.wordPiece();
    ((ObjectNode) unnamed.path("post_processor").path("special_tokens")).remove("[SEP]");
    assertThatThrownBy(() -> open(unnamed))
        .hasMessageContaining("the template names '[SEP]', and special_tokens does not define it");
    ObjectNode two = Tokenizers.wordPiece();
    ((ObjectNode) two.path("post_processor").path("special_tokens").path("[CLS]"))
        .set("ids", Json.mapper().valueToTree(List.of(2, 4)));
    try (TextEncoder encoder = open(two)) { // two ids and one name: tokens are what ids say
      assertThat(encoder.encode(List.of("a"), null, true, List.of("row")).getFirst().ids())
          .containsExactly(2, 4, 5, 3);
    }
    ObjectNode pair = Tokenizers.wordPiece();
    ((ObjectNode) pair.path("post_processor")).set("single", pair.at("/post_processor/pair"));
    assertThatThrownBy(() -> open(pair)).hasMessageContaining("'single' has text $B 1 times");
  }

  @Test
  void a_damaged_character_map_is_refused() throws Exception {
    ObjectNode json = Tokenizers.wordPiece();
    json.set(
        "normalizer",
        Json.parse("{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAAA\"}", "normalizer"));
    assertThatThrownBy(() -> open(json)).hasMessageContaining("truncated or damaged");
    // four units, none of which goes anywhere, would be left by the byte 4
    assertThat(CharsMap.isSound("EAAAAAAAAAAAAAAAAAAAAAAAAAA=")).isFalse();
  }

  @Test
  void parts_that_together_make_a_text_longer_than_memory_are_a_risk() throws Exception {
    ObjectNode json = Tokenizers.growing();
    Path file = Files.writeString(folder.resolve("tokenizer.json"), json.toString());
    assertThat(TokenizerFile.of(file).risk())
        .hasValue("normalizer makes a text 1099511627776 times as long");
  }

  @Test
  void a_text_without_an_end_costs_its_process_and_the_next_text_starts_another() throws Exception {
    ObjectNode json = Tokenizers.growing();
    var loading = new GuardedTokenizer.Patience(30, 0);
    var encoding = new GuardedTokenizer.Patience(1, 0);
    try (var guarded = new GuardedTokenizer(json.toString(), loading, encoding)) {
      List<ProcessHandle> first = tokenizerProcesses();
      assertThat(first).hasSize(1);
      assertThatThrownBy(() -> guarded.encode(List.of("a", "a film"), Tokens.Detail.IDS))
          .isInstanceOfSatisfying(
              TokenizerFailure.class,
              failure -> {
                assertThat(failure.text()).isEqualTo(1);
                assertThat(failure.sentence())
                    .isEqualTo("the tokenizer library gave no answer in 1 seconds");
              });
      assertThat(first).noneMatch(ProcessHandle::isAlive);
      assertThat(guarded.encode(List.of("a"), Tokens.Detail.IDS).getFirst().ids())
          .containsExactly(5);
      assertThat(tokenizerProcesses()).hasSize(1).doesNotContainAnyElementsOf(first);
    }
    assertThat(tokenizerProcesses()).isEmpty();
  }

  @Test
  void a_process_whose_tokenizer_is_refused_does_not_stay() throws Exception {
    ObjectNode json = Tokenizers.wordPiece();
    ((ObjectNode) json.path("model")).put("max_input_chars_per_word", "many");
    assertThatThrownBy(() -> open(json))
        .hasMessageContaining("is not a tokenizer this version reads: the tokenizer library says '")
        .hasMessageContaining("max_input_chars_per_word");
    assertThat(tokenizerProcesses()).isEmpty();
  }

  @Test
  void a_process_ends_with_the_one_that_asked() throws Exception {
    Path said = folder.resolve("said");
    Process parent = java(said, TokenizerOrphan.class.getName(), folder.toString()).start();
    ProcessHandle child = null;
    while (child == null && parent.isAlive()) {
      child = parent.descendants().filter(ProcessHandle::isAlive).findFirst().orElse(null);
      Thread.sleep(20);
    }
    assertThat(child).as(() -> read(said)).isNotNull();
    while (!Files.exists(folder.resolve("encoding"))) {
      assertThat(parent.isAlive()).as(() -> read(said)).isTrue();
      Thread.sleep(20);
    }
    Thread.sleep(500); // the text is on its way
    parent.destroyForcibly().waitFor();
    assertThat(child.onExit().get(20, TimeUnit.SECONDS).isAlive()).isFalse();
  }

  private static List<ProcessHandle> tokenizerProcesses() {
    return ProcessHandle.current()
        .children()
        .filter(
            child ->
                child.info().commandLine().orElse("").contains(TokenizerProcess.class.getName()))
        .toList();
  }

  @Test
  void ordinary_tokenizers_have_no_risk() throws Exception {
    for (ObjectNode json : Tokenizers.all()) {
      Path file = Files.writeString(folder.resolve("tokenizer.json"), json.toString());
      assertThat(TokenizerFile.of(file).risk()).as(json.toString()).isEmpty();
    }
  }

  @Test
  void half_a_surrogate_pair_and_a_zero_are_texts_like_others() throws Exception {
    try (TextEncoder encoder = open(Tokenizers.byteLevel())) {
      assertThat(encoder.encode("a\uD800b").ids()).containsExactly(65, 66);
      assertThat(encoder.encode("a\u0000b").ids()).containsExactly(65, 66);
    }
  }

  @Test
  void a_file_that_is_far_too_large_is_refused_unread() throws Exception {
    Path file = folder.resolve("large.json");
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(500L << 20);
    }
    assertThatThrownBy(() -> TextEncoder.open(file, TextOptions.DEFAULT))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("large.json: has 500 MB, more than the 128 MB");
  }

  @Test
  void mutants_without_a_risk_never_panic() throws Exception {
    fuzz(1, 3_000, 1_000_000);
  }

  @Test
  @Tag("slow")
  void twenty_thousand_mutants_never_end_the_process() throws Exception {
    fuzz(1_000_000, 20_000, 40);
  }

  private void fuzz(long first, int count, int oneIn) throws Exception {
    Path said = folder.resolve("said");
    Process process =
        java(
                said,
                TokenizerFuzz.class.getName(),
                folder.toString(),
                Long.toString(first),
                Integer.toString(count),
                Integer.toString(oneIn))
            .start();
    assertThat(process.waitFor())
        .as(() -> "seed " + read(folder.resolve("seed")) + ": " + read(said))
        .isZero();
  }

  private static ProcessBuilder java(Path said, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private TextEncoder open(ObjectNode json) throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), json.toString());
    return TextEncoder.open(file, TextOptions.DEFAULT);
  }
}
