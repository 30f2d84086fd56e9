package dev.jlora.ops;

import static dev.jlora.tensor.Operator.some;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.HostHeap;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.TorchException;
import dev.jlora.tensor.Views;
import dev.jlora.testing.ScopedTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Results above the sizes where their memory is ours: the same numbers, in another heap. */
@ExtendWith(ScopedTensors.class)
class LargeResultsTest {
  private static final int WIDTH = 700;
  private static final long[] LAST = {WIDTH};

  private static Tensor random(DType dtype) {
    return Ops.to(RandomOps.randn(DType.FLOAT32, 3, 1301, WIDTH), dtype);
  }

  /** The results are equal bit for bit, and the one made by {@link Ops} is in our heap. */
  private static void check(Tensor result, Tensor expected) {
    long bytes = result.elements() * result.dtype().bytes();
    assertThat(HostHeap.holds(result)).isEqualTo(HostHeap.takes(Device.CPU, bytes));
    assertThat(result.dtype()).isEqualTo(expected.dtype());
    assertThat(result.shape()).isEqualTo(expected.shape());
    assertThat(result.toDoubles()).isEqualTo(expected.toDoubles());
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "BFLOAT16"})
  void activations_are_those_of_aten(DType dtype) {
    Tensor x = random(dtype);
    Tensor g = random(dtype);
    check(Ops.gelu(x, "none"), Operator.of("aten::gelu").one(x, "none"));
    check(Ops.silu(x), Operator.of("aten::silu").one(x));
    check(Ops.tanh(x), Operator.of("aten::tanh").one(x));
    check(
        NeuralOps.geluBackward(g, x, "tanh"), Operator.of("aten::gelu_backward").one(g, x, "tanh"));
    check(NeuralOps.siluBackward(g, x), Operator.of("aten::silu_backward").one(g, x));
    check(NeuralOps.softmax(x, -1), Operator.of("aten::_softmax").one(x, -1, false));
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "BFLOAT16"})
  void sums_and_products_are_those_of_aten(DType dtype) {
    Tensor a = random(dtype);
    Tensor b = random(dtype);
    Tensor three = Tensor.scalar(3, dtype);
    check(Ops.mul(a, b), Operator.of("aten::mul.Tensor").one(a, b));
    check(Ops.mul(a, 3), Operator.of("aten::mul.Tensor").one(a, three));
    Tensor difference = Tensor.emptyLike(a);
    for (int i = 0; i < 3; i++) {
      Tensor part = Ops.sub(row(a, i, 7), row(b, i, 7)); // small: by ATen alone
      row(difference, i, 7).copyFrom(part);
    }
    assertThat(row(Ops.sub(a, b), 2, 7).toFloats()).isEqualTo(row(difference, 2, 7).toFloats());
    check(Ops.cat(1, a, b), Operator.of("aten::cat").one(new Tensor[] {a, b}, 1));
  }

  private static Tensor row(Tensor x, int batch, long row) {
    return Views.select(Views.select(x, 0, batch), 0, row);
  }

  @Test
  void tensors_that_differ_are_left_to_aten() {
    Tensor a = random(DType.FLOAT32);
    Tensor row = RandomOps.randn(DType.FLOAT32, WIDTH);
    Tensor turned = Views.transpose(a, 0, 2);

    assertThat(Ops.add(a, row).shape()).isEqualTo(a.shape());
    assertThat(Ops.mul(row, a).shape()).isEqualTo(a.shape());
    assertThat(Ops.mul(a, Ops.to(a, DType.FLOAT64)).dtype()).isEqualTo(DType.FLOAT64);
    assertThat(Ops.add(turned, turned).toFloats()).isEqualTo(Ops.mul(turned, 2).toFloats());
    assertThatThrownBy(() -> Ops.cat(0, a, row)).isInstanceOf(TorchException.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64", "BFLOAT16"})
  void layer_norm_and_its_gradient_are_those_of_aten(DType dtype) {
    Tensor x = random(dtype);
    Tensor g = random(dtype);
    DType wide = dtype == DType.FLOAT64 ? dtype : DType.FLOAT32;
    Tensor weight = RandomOps.randn(wide, WIDTH);
    Tensor bias = RandomOps.randn(wide, WIDTH);
    boolean[] onlyInput = {true, false, false};
    Tensor[] expected =
        Operator.of("aten::native_layer_norm").many(3, x, LAST, some(weight), some(bias), 1e-5);
    Tensor[] normalized = NeuralOps.layerNorm(x, LAST, weight, bias, 1e-5);

    check(normalized[0], expected[0]);
    for (int i = 1; i < 3; i++) {
      assertThat(normalized[i].dtype()).isEqualTo(expected[i].dtype());
      assertThat(normalized[i].shape()).isEqualTo(expected[i].shape());
      assertThat(normalized[i].toDoubles()).isEqualTo(expected[i].toDoubles());
    }
    Tensor dx =
        Operator.of("aten::native_layer_norm_backward")
            .many(3, g, x, LAST, expected[1], expected[2], some(weight), some(bias), onlyInput)[0];
    Tensor[] gradients =
        NeuralOps.layerNormBackward(g, x, LAST, expected[1], expected[2], weight, bias, onlyInput);
    check(gradients[0], dx);
    assertThat(gradients[1]).isNull();
    assertThat(gradients[2]).isNull();
    boolean[] all = {true, true, true};
    assertThat(NeuralOps.layerNormBackward(g, x, LAST, expected[1], expected[2], weight, bias, all))
        .doesNotContainNull();
  }

  @Test
  void a_convolution_of_many_images_is_that_of_each() {
    Tensor x = RandomOps.randn(DType.FLOAT32, 20, 3, 160, 128);
    Tensor weight = RandomOps.randn(DType.FLOAT32, 64, 3, 8, 4);
    Tensor bias = RandomOps.randn(DType.FLOAT32, 64);
    long[] stride = {8, 5};
    long[] padding = {2, 1};
    Tensor all = NeuralOps.convolution(x, weight, bias, stride, padding, 1);

    assertThat(HostHeap.holds(all))
        .isEqualTo(HostHeap.takes(Device.CPU, all.elements() * Float.BYTES));
    for (int i = 0; i < 20; i++) {
      Tensor one = Views.slice(x, 0, i, i + 1);
      Tensor expected = NeuralOps.convolution(one, weight, bias, stride, padding, 1);
      assertThat(Views.slice(all, 0, i, i + 1).shape()).isEqualTo(expected.shape());
      assertThat(Views.slice(all, 0, i, i + 1).toFloats())
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(expected.toFloats());
    }
    assertThatThrownBy(() -> NeuralOps.convolution(x, weight, bias, new long[] {0, 1}, padding, 1))
        .isInstanceOf(TorchException.class);
  }
}
