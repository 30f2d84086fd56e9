package dev.jlora.tasks.metrics;

import static dev.jlora.tasks.metrics.Figures.assertValue;
import static dev.jlora.tasks.metrics.Figures.metric;
import static dev.jlora.tasks.metrics.Figures.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.spi.Predictions;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Written texts against right ones; values are worked out by hand from the published definitions.
 */
class TextMetricsTest {
  private static final List<String> TEXT_METRICS =
      List.of("exact_match", "answer_f1", "rouge_1", "rouge_2", "rouge_l", "bleu");

  @Nested
  class Answers {
    @Test
    void match_without_case_punctuation_articles_and_spaces() {
      assertValue("exact_match", text("The  Eiffel-Tower!", "eiffeltower"), 1);
      assertValue("exact_match", text("a cat", "the cat"), 1);
      assertValue("exact_match", text("cats", "cat"), 0);
      assertValue("exact_match", text("theatre", "atre"), 0); // an article is a word
    }

    @Test
    void share_words_with_the_best_of_the_right_ones() {
      // Denver Broncos: 2 of 2 said are right, 2 of 3 right are said
      assertValue("answer_f1", text("the Denver Broncos", "Denver Broncos team"), 0.8);
      assertValue("answer_f1", text("Denver Broncos", "Carolina", "the Broncos"), 2 / 3.0);
      assertValue("answer_f1", text("so so so", "so it is so"), 4 / 7.0); // so counts twice
      assertValue("answer_f1", text("left", "right"), 0);
    }

    @Test
    void may_be_none() {
      assertValue("exact_match", text("", ""), 1);
      assertValue("answer_f1", text("", ""), 1);
      assertValue("answer_f1", text("something", ""), 0);
      assertValue("answer_f1", text("", "something"), 0);
    }

    @Test
    void are_averaged() {
      var two =
          new Predictions.Texts(List.of("yes", "no"), List.of(List.of("Yes."), List.of("maybe")));
      assertValue("exact_match", two, 0.5);
      assertValue("answer_f1", two, 0.5);
    }

    @Test
    void need_something_right_to_be_held_against() {
      assertThatThrownBy(() -> new Predictions.Texts(List.of("x"), List.of(List.of())))
          .hasMessageContaining("without any right text");
    }
  }

  @Nested
  class Rouge {
    @Test
    void is_the_f_measure_of_the_longest_common_subsequence() {
      // the example of rouge_score's README: the quick brown .. jumps .. the: 5 of 8 and of 9 words
      assertValue(
          "rouge_l",
          text(
              "The quick brown dog jumps on the log.",
              "The quick brown fox jumps over the lazy dog"),
          10 / 17.0);
    }

    @Test
    void of_n_grams_counts_each_as_often_as_it_stands_in_both() {
      // of "the cat the mat" and "the cat sat on the mat": the twice, cat, mat of 4 and 6 words;
      // "the cat" and "the mat" of 3 and 5 pairs
      var one = text("The cat the mat.", "the cat sat on the mat");
      assertValue("rouge_1", one, 2 * 4 / 10.0);
      assertValue("rouge_2", one, 2 * 2 / 8.0);
      assertValue("rouge_1", text("the the the", "the cat"), 2 * 1 / 5.0);
      assertValue("rouge_2", text("cat the", "the cat"), 0);
    }

    @Test
    void of_pairs_is_0_for_a_word_alone() {
      assertValue("rouge_1", text("cat", "cat"), 1);
      assertValue("rouge_2", text("cat", "cat"), 0); // as rouge_score: no pair, no match
      assertValue("rouge_2", text("", "the cat"), 0);
    }

    @Test
    void takes_the_best_of_several_right_texts() {
      // 1 of 2 and 2 words, and 2 of 2 and 3
      assertValue("rouge_1", text("a dog", "the dog", "a big dog"), 4 / 5.0);
    }

    @Test
    void knows_letters_and_digits_alone() {
      assertValue("rouge_l", text("It's 5-6", "it s 5 6"), 1);
      assertValue("rouge_l", text("!?", "!?"), 0); // no word at all
    }
  }

  @Nested
  class BleuTest {
    @Test
    void is_the_mean_of_the_precisions_with_a_missing_order_smoothed() {
      // 5/6, 3/5, 1/4 and, for none of 3, 1/(2 * 3)
      assertValue(
          "bleu",
          text("the cat sat on the mat", "the cat is on the mat"),
          Math.pow(5 / 6.0 * 3 / 5 * 1 / 4 * 1 / 6, 0.25));
    }

    @Test
    void counts_over_the_corpus_and_penalizes_brevity() {
      var two =
          new Predictions.Texts(
              List.of("the cat sat on the mat", "a dog ran"),
              List.of(List.of("the cat sat on the mat today"), List.of("a dog ran off quickly")));
      assertValue("bleu", two, Math.exp(1 - 12 / 9.0)); // every n-gram is right, 9 words for 12
    }

    @Test
    void takes_n_grams_of_any_right_text_and_the_length_of_the_closest() {
      // 5/5, 3/4, 2/3, 1/2; five tokens, as the second has
      assertValue(
          "bleu",
          text(
              "the quick brown fox jumps",
              "a quick brown fox jumps high",
              "the fast brown fox leaps"),
          Math.pow(0.25, 0.25));
    }

    @Test
    void is_0_without_a_match_or_four_tokens() {
      assertValue("bleu", text("x y z w v", "a b c d e"), 0);
      assertValue("bleu", text("a b c", "a b c"), 0);
      assertValue("bleu", text("", "a b c d"), 0);
    }

    @Test
    void splits_as_mteval_13a() {
      assertThat(Tokenizer13a.tokens("Hello, world! It's 3.5% (about $1,000) -- see 5-6 and A-B."))
          .containsExactly(
              "Hello", ",", "world", "!", "It's", "3.5", "%", "(", "about", "$", "1,000", ")", "--",
              "see", "5", "-", "6", "and", "A-B", ".");
      assertThat(Tokenizer13a.tokens("He said &quot;no&quot;, then left... i.e. now."))
          .containsExactly(
              "He", "said", "\"", "no", "\"", ",", "then", "left", ".", ".", ".", "i", ".", "e",
              ".", "now", ".");
      assertThat(Tokenizer13a.tokens("a hyphen-\nated\u00a0word <skipped>\n"))
          .containsExactly("a", "hyphenated", "word");
    }
  }

  @Property
  void all_lie_between_0_and_1(
      @ForAll("sentence") String predicted, @ForAll("sentence") String expected) {
    for (String name : TEXT_METRICS) {
      assertThat(metric(name).value(text(predicted, expected), 0)).as(name).isBetween(0.0, 1.0);
    }
  }

  @Property
  void what_is_said_as_it_is_expected_is_perfect(@ForAll("sentence") String sentence) {
    for (String name : TEXT_METRICS) {
      assertValue(name, text(sentence, "something else", sentence), 1);
    }
  }

  /** Some texts of the fewest tokens that BLEU asks for, and more. */
  @Provide
  Arbitrary<String> sentence() {
    return Arbitraries.of("cat", "the", "Dog,", "3.5", "sat", "\u00e9t\u00e9", "(x)", "a-b")
        .list()
        .ofMinSize(4)
        .ofMaxSize(12)
        .map(words -> String.join(" ", words) + " end");
  }

  @Test
  void numbers_and_classes_are_no_texts() {
    var classes = new Predictions.Classes(2, new int[] {1}, new int[] {1});
    for (String name : TEXT_METRICS) {
      assertThat(metric(name).fits(classes)).as(name).isFalse();
    }
  }
}
