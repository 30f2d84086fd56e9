package dev.jlora.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Regular expressions mean what they mean in Python. */
class PythonRegexTest {

  /** What {@code re.fullmatch(pattern, text) is not None} says in CPython 3.14. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '|',
      value = {
        "(?P<n>0|2)\\.(?P<long_name>q|k)_proj ~ 2.k_proj ~ true",
        "(?P<a_1>ab?)(?P=a_1)x ~ ababx ~ true",
        "(?P<a_1>ab?)(?P=a_1)x ~ abax ~ false",
        "a(?# a comment \\( )b ~ ab ~ true",
        "query\\Z ~ query ~ true",
        "a{,2} ~ aa ~ true",
        "a{,2} ~ aaa ~ false",
        "a{2} ~ aa ~ true",
        "a{x} ~ a{x} ~ true",
        "{} ~ {} ~ true",
        "[]a]+ ~ ]a] ~ true",
        "[^]]+ ~ ab ~ true",
        "[[]+ ~ [[ ~ true",
        "[a&&b]+ ~ a&b ~ true",
        "[\\d.]+ ~ 1.2 ~ true",
        "(?i)QUERY ~ query ~ true",
        "(?ai:Q)uery ~ query ~ true",
        "(?!.*vision).*(q|v)_proj$ ~ text.q_proj ~ true",
        "(?!.*vision).*(q|v)_proj$ ~ vision.q_proj ~ false",
        "(?<=a)b|ab ~ ab ~ true",
        "(?:a++)b ~ aab ~ true",
        "\\x61\\u0062\\143 ~ abc ~ true",
        "a\\.b ~ a.b ~ true",
        "a\\.b ~ axb ~ false",
        "\\_a ~ _a ~ true",
        "layer\\.(1[01]|[0-9])\\..* ~ layer.11.x ~ true"
      })
  void a_whole_text_matches_as_in_python(String pattern, String text, boolean matches) {
    assertThat(PythonRegex.compile(pattern).matches(text)).isEqualTo(matches);
  }

  /** All of these raise {@code re.error} in CPython, or are named as not supported. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '|',
      value = {
        "(?<n>a) ~ unknown extension (?<n (named groups are written (?P<name>...))",
        "\\Qa.b\\E ~ bad escape \\Q",
        "a\\ ~ bad escape at the end of the pattern",
        "[a ~ unterminated character set",
        "(a ~ Unclosed group",
        "(?P<1>a) ~ bad or unterminated group name",
        "(?P<a>x)(?P<a>y) ~ redefinition of the group name 'a'",
        "(?P=b) ~ unknown group name 'b'",
        "(a)?(?(1)b|c) ~ groups that depend on another group, (?(...), are not supported",
        "*a ~ Dangling meta character '*'"
      })
  void what_python_refuses_is_refused(String pattern, String message) {
    assertThatThrownBy(() -> PythonRegex.compile(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void deep_nesting_and_endless_backtracking_are_errors() {
    assertThatThrownBy(() -> PythonRegex.compile("(".repeat(200_000) + ")".repeat(200_000)))
        .hasMessageContaining("nested too deeply");
    PythonRegex slow = PythonRegex.compile("(((a+)+)+)+b");
    assertThatThrownBy(() -> slow.matches("a".repeat(100)))
        .hasMessageContaining("takes more than 1,000,000 steps");
    assertThat(slow.matches("aaab")).isTrue();
  }

  @Test
  void a_match_at_the_start_and_its_last_number_are_told() {
    PythonRegex layer = PythonRegex.compile(".*?\\.(?:(h|layer))\\.([0-9]+)\\.");
    assertThat(layer.numberAtStart("bert.layer.11.output.dense")).hasValue(11);
    assertThat(layer.numberAtStart("bert.layer.99999999999.dense")).isEmpty();
    assertThat(layer.numberAtStart("bert.pooler")).isEmpty();
    assertThat(layer.matchesStart("x.h.1.y")).isTrue();
  }
}
