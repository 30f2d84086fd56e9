package dev.jlora.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ThreefryTest {
  private static final int TWENTY_ROUNDS = 5;

  /** The known answer that the authors publish for counter and key of zeros, 20 rounds. */
  @Test
  void gives_the_published_answer_for_zeros() {
    Threefry threefry = new Threefry(0);
    threefry.fill(0, 1, TWENTY_ROUNDS);
    assertThat(threefry.words[0][0]).isEqualTo(0x9c6ca96a);
    assertThat(threefry.words[1][0]).isEqualTo(0xe17eae66);
    assertThat(threefry.words[2][0]).isEqualTo(0xfc10ecd4);
    assertThat(threefry.words[3][0]).isEqualTo(0x5256a7d8);
  }

  @Test
  void gives_a_counter_the_same_words_wherever_it_lies_in_a_tile() {
    Threefry whole = new Threefry(42);
    Threefry single = new Threefry(42);
    whole.fill(7 * Threefry.BLOCKS, Threefry.BLOCKS, 3);
    for (int i : new int[] {0, 1, 17, 500, Threefry.BLOCKS - 1}) {
      single.fill(7L * Threefry.BLOCKS + i, 1, 3);
      for (int word = 0; word < 4; word++) {
        assertThat(whole.words[word][i]).isEqualTo(single.words[word][0]);
      }
    }
  }

  @Test
  void uses_both_halves_of_the_seed() {
    Threefry low = new Threefry(1);
    Threefry high = new Threefry(1 + (1L << 32));
    low.fill(0, 8);
    high.fill(0, 8);
    assertThat(low.words[0]).isNotEqualTo(high.words[0]);
  }
}
