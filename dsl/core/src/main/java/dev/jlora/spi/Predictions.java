package dev.jlora.spi;

import java.util.Arrays;
import java.util.List;

/** What a model said beside what was expected, over a whole evaluation: what metrics look at. */
public sealed interface Predictions {

  /** How many things were judged. */
  int count();

  /**
   * One class out of several for each item: a label of a sequence, of a token, a masked word.
   *
   * @param classes how many classes there are
   * @param predicted the class of the largest logit, one per item
   * @param expected the right class, one per item
   * @param ranks how many classes were thought likelier than the right one, per item; empty if that
   *     is not known
   */
  record Classes(int classes, int[] predicted, int[] expected, int[] ranks) implements Predictions {
    public Classes {
      sameLength(predicted.length, expected.length);
      if (ranks.length > 0) {
        sameLength(ranks.length, expected.length);
      }
    }

    public Classes(int classes, int[] predicted, int[] expected) {
      this(classes, predicted, expected, new int[0]);
    }

    /** Whether the ranks are known. */
    public boolean ranked() {
      return ranks.length == expected.length;
    }

    @Override
    public int count() {
      return expected.length;
    }
  }

  /**
   * Any number of labels for each item.
   *
   * @param labels how many labels there are
   * @param predicted items x labels
   * @param expected items x labels
   */
  record Labels(int labels, boolean[][] predicted, boolean[][] expected) implements Predictions {
    public Labels {
      sameLength(predicted.length, expected.length);
    }

    @Override
    public int count() {
      return expected.length;
    }
  }

  /**
   * A number for each item.
   *
   * @param predicted one per item
   * @param expected one per item
   */
  record Values(double[] predicted, double[] expected) implements Predictions {
    public Values {
      sameLength(predicted.length, expected.length);
    }

    @Override
    public int count() {
      return expected.length;
    }
  }

  /**
   * A tag for each word of several sequences, such as {@code B-PER}.
   *
   * @param names the tag of each class
   * @param lengths how many words each sequence has; together as many as there are tags
   * @param predicted the class of each word, sequence after sequence
   * @param expected the right class of each word
   */
  record Tags(List<String> names, int[] lengths, int[] predicted, int[] expected)
      implements Predictions {
    public Tags {
      names = List.copyOf(names);
      sameLength(predicted.length, expected.length);
      if (Arrays.stream(lengths).sum() != expected.length) {
        throw new IllegalArgumentException(
            "Predictions: got %d tags for sequences of %d words; there must be one for each"
                .formatted(expected.length, Arrays.stream(lengths).sum()));
      }
    }

    @Override
    public int count() {
      return expected.length;
    }
  }

  /**
   * A text for each item: an answer to a question, or what a model wrote.
   *
   * @param predicted one per item
   * @param expected one or more per item, any of which is right
   */
  record Texts(List<String> predicted, List<List<String>> expected) implements Predictions {
    public Texts {
      predicted = List.copyOf(predicted);
      expected = expected.stream().map(List::copyOf).toList();
      sameLength(predicted.size(), expected.size());
      if (expected.stream().anyMatch(List::isEmpty)) {
        throw new IllegalArgumentException("Predictions: got an item without any right text");
      }
    }

    @Override
    public int count() {
      return expected.size();
    }
  }

  private static void sameLength(int predicted, int expected) {
    if (predicted != expected) {
      throw new IllegalArgumentException(
          "Predictions: got %d predictions for %d expectations; there must be one for each"
              .formatted(predicted, expected));
    }
  }
}
