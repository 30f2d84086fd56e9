package dev.jlora.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Text as its tokens come; here a token is a byte. */
class TextStreamTest {
  private final List<String> heard = new ArrayList<>();

  @Test
  void hands_text_on_as_soon_as_it_is_certain() {
    TextStream stream = stream();
    assertThat(add(stream, "one")).isTrue();
    assertThat(heard).containsExactly("o", "n", "e");
    assertThat(stream.finish()).isEqualTo("one");
    assertThat(stream.stopped()).isFalse();
  }

  @Test
  void waits_for_the_whole_character() {
    TextStream stream = stream();
    add(stream, "é€");
    assertThat(heard).containsExactly("é", "€");
    assertThat(stream.finish()).isEqualTo("é€");
  }

  @Test
  void cuts_at_a_stop_text_and_never_lets_a_part_of_it_out() {
    TextStream stream = stream("\n\n", "END");
    assertThat(add(stream, "an EN")).isTrue();
    assertThat(String.join("", heard)).isEqualTo("an ");
    assertThat(add(stream, "D")).isFalse();
    assertThat(stream.finish()).isEqualTo("an ");
    assertThat(String.join("", heard)).isEqualTo("an ");
    assertThat(stream.stopped()).isTrue();
  }

  @Test
  void lets_out_what_only_looked_like_a_stop_text() {
    TextStream stream = stream("END");
    add(stream, "ENE");
    assertThat(String.join("", heard)).isEqualTo("EN");
    assertThat(stream.finish()).isEqualTo("ENE");
    assertThat(String.join("", heard)).isEqualTo("ENE");
  }

  @Test
  void decodes_only_the_newest_tokens() {
    List<Integer> sizes = new ArrayList<>();
    TextStream stream =
        new TextStream(
            new int[0],
            ids -> {
              sizes.add(ids.length);
              return bytes(ids);
            },
            _ -> false,
            List.of(),
            heard::add);
    add(stream, "x".repeat(500));
    assertThat(sizes).allMatch(size -> size <= 2);
  }

  @Test
  void keeps_the_space_that_a_tokenizer_drops_in_front_of_a_text() {
    int[] prompt = {' ', 'u', 'p', 'o', 'n'};
    TextStream stream =
        new TextStream(prompt, ids -> bytes(ids).stripLeading(), _ -> false, List.of(), heard::add);
    add(stream, " a");
    assertThat(stream.finish()).isEqualTo(" a");
    assertThat(heard).containsExactly(" ", "a");
  }

  /**
   * A byte-fallback decoder turns a run of byte tokens that is no UTF-8 into one U+FFFD for each
   * byte, a letter among them: transformers decodes "ab", 0x41, 0xC3, " ab" so.
   */
  @Test
  void a_run_of_byte_tokens_is_handed_on_at_its_end() {
    TextStream stream =
        new TextStream(
            new int[0], TextStreamTest::fallback, id -> id >= 256, List.of(), heard::add);
    for (int id : new int[] {'f', 256 + 'R', 256 + 0xC3, 'u', 256 + 0xC3, 256 + 0xA9, 'p'}) {
      stream.add(id);
    }
    assertThat(stream.finish()).isEqualTo("f\uFFFD\uFFFDu\u00e9p");
    assertThat(String.join("", heard)).isEqualTo("f\uFFFD\uFFFDu\u00e9p");
  }

  private static String fallback(int[] ids) {
    var text = new StringBuilder();
    for (int i = 0; i < ids.length; ) {
      if (ids[i] < 256) {
        text.append((char) ids[i++]);
        continue;
      }
      var run = new ByteArrayOutputStream();
      for (; i < ids.length && ids[i] >= 256; i++) {
        run.write(ids[i] - 256);
      }
      String read = run.toString(StandardCharsets.UTF_8);
      text.append(read.indexOf('\uFFFD') < 0 ? read : "\uFFFD".repeat(run.size()));
    }
    return text.toString();
  }

  private TextStream stream(String... stops) {
    return new TextStream(
        new int[0], TextStreamTest::bytes, _ -> false, List.of(stops), heard::add);
  }

  private static boolean add(TextStream stream, String text) {
    boolean goesOn = true;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      goesOn = stream.add(b & 0xff);
    }
    return goesOn;
  }

  private static String bytes(int[] ids) {
    var out = new ByteArrayOutputStream();
    for (int id : ids) {
      out.write(id);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
