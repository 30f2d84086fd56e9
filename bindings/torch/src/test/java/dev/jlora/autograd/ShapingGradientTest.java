package dev.jlora.autograd;

import dev.jlora.testing.GradientCheck;
import dev.jlora.testing.ScopedTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ScopedTensors.class)
class ShapingGradientTest {
  @Test
  void reshape() {
    GradientCheck.of((tape, in) -> Functions.reshape(tape, in[0], 4, -1)).input(2, 3, 4).holds();
  }

  @Test
  void reshape_of_a_transposed_tensor() {
    GradientCheck.of(
            (tape, in) -> Functions.reshape(tape, Functions.transpose(tape, in[0], 0, 1), 6, 2))
        .input(2, 3, 2)
        .holds();
  }

  @Test
  void transpose() {
    GradientCheck.of((tape, in) -> Functions.transpose(tape, in[0], 0, -1)).input(2, 3, 4).holds();
  }

  @Test
  void permute() {
    GradientCheck.of((tape, in) -> Functions.permute(tape, in[0], 2, 0, -2)).input(2, 3, 4).holds();
  }

  @Test
  void expand_along_old_and_new_dimensions() {
    GradientCheck.of((tape, in) -> Functions.expand(tape, in[0], 4, 2, 3)).input(2, 1).holds();
  }

  @Test
  void slice() {
    GradientCheck.of((tape, in) -> Functions.slice(tape, in[0], 1, 1, 3)).input(2, 4, 2).holds();
  }

  @Test
  void select() {
    GradientCheck.of((tape, in) -> Functions.select(tape, in[0], 1, 2)).input(2, 4, 2).holds();
  }

  @Test
  void cat_along_the_last_dimension() {
    GradientCheck.of((tape, in) -> Functions.cat(tape, -1, in[0], in[1]))
        .input(2, 3)
        .input(2, 2)
        .holds();
  }

  @Test
  void cat_of_a_tensor_with_itself() {
    GradientCheck.of((tape, in) -> Functions.cat(tape, 0, in[0], in[1], in[0]))
        .input(1, 2)
        .input(3, 2)
        .holds();
  }

  @Test
  void sum_over_all() {
    GradientCheck.of((tape, in) -> Functions.sum(tape, in[0], false)).input(2, 3).holds();
  }

  @Test
  void sum_over_some_dimensions() {
    GradientCheck.of((tape, in) -> Functions.sum(tape, in[0], false, 0, -1)).input(2, 3, 4).holds();
  }

  @Test
  void mean_over_all() {
    GradientCheck.of((tape, in) -> Functions.mean(tape, in[0], false)).input(2, 3).holds();
  }

  @Test
  void mean_that_keeps_its_dimension() {
    GradientCheck.of((tape, in) -> Functions.mean(tape, in[0], true, 1)).input(2, 3, 2).holds();
  }

  @Test
  void a_tensor_read_through_several_views() {
    GradientCheck.of(
            (tape, in) -> {
              var product = Functions.mul(tape, in[0], in[1]);
              var turned = Functions.transpose(tape, product, 0, 1);
              var first = Functions.slice(tape, turned, 0, 0, 2);
              var residual = Functions.add(tape, turned, turned);
              return Functions.cat(tape, 0, first, residual, turned);
            })
        .input(2, 3)
        .input(2, 3)
        .holds();
  }
}
