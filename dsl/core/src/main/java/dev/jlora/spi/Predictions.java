package dev.jlora.spi;

import java.util.Arrays;
import java.util.List;

/** Predictions and expectations of a whole evaluation, the input of metrics. */
public sealed interface Predictions {

  /** Number of items. */
  int count();

  /**
   * Single-label predictions: a label of a sequence, of a token, a masked word.
   *
   * @param classes number of classes
   * @param predicted the class with the largest logit, one per item
   * @param expected the right class, one per item
   * @param ranks number of classes that are more probable than the right one, per item; empty if
   *     unknown
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
   * Multi-label predictions.
   *
   * @param labels number of labels
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
   * Regression predictions.
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
   * Tags of words in several sequences, such as {@code B-PER}.
   *
   * @param names the tag of each class
   * @param lengths number of words of each sequence; their sum is the number of tags
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
   * Texts: an answer to a question, or generated text.
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
