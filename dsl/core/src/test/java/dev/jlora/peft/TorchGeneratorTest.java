package dev.jlora.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.ops.RandomOps;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Torch;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TorchGeneratorTest {
  private static final Operator RANDPERM = Operator.of("aten::randperm");

  @Test
  void a_permutation_is_that_of_libtorch() {
    try (var _ = Scope.open()) {
      for (int n : new int[] {1, 2, 3, 100, 1024, 4000}) {
        for (long seed : new long[] {0, 777, 1L << 40 | 5}) {
          Torch.seed(seed);
          long[] all = RANDPERM.one((long) n, null, null, null, null).toLongs();
          assertThat(new TorchGenerator(seed).permutation(n, n))
              .as("%d, seed %d", n, seed)
              .isEqualTo(all);
          int some = Math.min(n, 700);
          assertThat(new TorchGenerator(seed).permutation(n, some))
              .isEqualTo(Arrays.copyOf(all, some));
        }
      }
    }
  }

  @Test
  void a_permutation_has_a_largest_size() {
    TorchGenerator generator = new TorchGenerator(0);
    assertThatThrownBy(() -> generator.permutation(1L << 32, 3))
        .hasMessage("permutation: got 3 of 4294967296, expected at most all of 214748363");
    assertThatThrownBy(() -> generator.permutation(2, 3))
        .hasMessageStartingWith("permutation: got 3 of 2");
  }

  @Test
  void bits_are_those_of_the_reference_implementation() {
    var generator = new TorchGenerator(5489); // the seed in the authors' mt19937ar.out
    long[] first = new long[5];
    for (int i = 0; i < first.length; i++) {
      first[i] = generator.next();
    }
    assertThat(first)
        .containsExactly(3499211612L, 581869302L, 3890346734L, 3586334585L, 545404204L);
    generator.skip(9_999 - first.length);
    assertThat(generator.next()).isEqualTo(4123659995L); // as in C++11
  }

  @Test
  void uniform_values_are_libtorchs() {
    try (var _ = Scope.open()) {
      Torch.seed(77);
      float[] expected = RandomOps.rand(DType.FLOAT32, 2000).toFloats();
      var generator = new TorchGenerator(77);
      float[] found = new float[expected.length];
      for (int i = 0; i < found.length; i++) {
        found[i] = generator.uniform(0, 1);
      }
      assertThat(found).containsExactly(expected);
    }
  }
}
