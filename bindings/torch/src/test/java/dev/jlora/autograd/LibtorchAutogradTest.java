package dev.jlora.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.NativeAutograd;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.TorchException;
import dev.jlora.testing.GradientCheck;
import dev.jlora.testing.ScopedTensors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ScopedTensors.class)
class LibtorchAutogradTest {
  private static final Operator LOGADDEXP = Operator.of("aten::logaddexp");
  private static final Operator MUL = Operator.of("aten::mul.Tensor");
  private static final Operator MM = Operator.of("aten::mm");
  private static final Operator GELU = Operator.of("aten::gelu");

  @BeforeEach
  void needs_a_libtorch_whose_gradients_can_be_read() {
    assumeTrue(NativeAutograd.available());
  }

  @Test
  void differentiates_an_operator_that_has_no_function() {
    var function = new LibtorchAutograd("logaddexp", in -> LOGADDEXP.one(in[0], in[1]));
    GradientCheck.of((tape, in) -> tape.apply(function, in)).input(2, 3).input(3).holds();
  }

  @Test
  void differentiates_several_operators_at_once() {
    var function =
        new LibtorchAutograd(
            "logaddexp of a product", in -> LOGADDEXP.one(MUL.one(in[0], in[1]), in[1]));
    GradientCheck.of((tape, in) -> tape.apply(function, in)).input(4).input(4).holds();
  }

  @Test
  void agrees_with_the_function_that_java_differentiates() {
    Tensor x = Tensor.of(new double[] {-1.5, -0.2, 0.3, 2}, 4);
    double[][] gradients = new double[2][];
    Function[] functions = {
      new Activations.Gelu("tanh"), new LibtorchAutograd("gelu", in -> GELU.one(in[0], "tanh"))
    };
    for (int i = 0; i < 2; i++) {
      try (var tape = Tape.recording()) {
        tape.watch(x);
        Tensor y = tape.apply(functions[i], x);
        try (var result = tape.backward(y, Tensor.ones(DType.FLOAT64, 4))) {
          gradients[i] = result.of(x).toDoubles();
        }
      }
    }
    assertThat(gradients[1]).containsExactly(gradients[0], within(1e-12));
  }

  @Test
  void leaves_the_autograd_of_libtorch_off_after_a_failure() {
    Tensor a = Tensor.ones(DType.FLOAT32, 2, 3);
    boolean[] wanted = {true, false};
    Tensor g = Tensor.ones(DType.FLOAT32, 2, 2);
    assertThatThrownBy(
            () ->
                NativeAutograd.gradients(
                    in -> MM.one(in[0], in[1]), new Tensor[] {a, a}, wanted, g))
        .isInstanceOf(TorchException.class);
    var function = new LibtorchAutograd("logaddexp", in -> LOGADDEXP.one(in[0], in[1]));
    GradientCheck.of((tape, in) -> tape.apply(function, in)).input(2).input(2).holds();
  }
}
