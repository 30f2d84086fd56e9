package dev.jlora.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.ops.DeviceAttentionOps;
import dev.jlora.ops.DeviceAttentionOps.Kernel;
import dev.jlora.ops.DeviceAttentionOps.Setting;
import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.testing.ScopedTensors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What runs on meta has the shapes, dtypes and layouts of what runs on the CPU, and no values. */
@ExtendWith(ScopedTensors.class)
class MetaOperatorsTest {
  @BeforeAll
  static void install() {
    MetaOperators.install();
  }

  private static Tensor meta(DType dtype, long... shape) {
    return Tensor.empty(dtype, Device.META, shape);
  }

  @Test
  void a_norm_and_its_gradients_have_the_shapes_of_the_cpu() {
    Tensor x = meta(DType.BFLOAT16, 2, 3, 8);
    Tensor w = meta(DType.BFLOAT16, 8);
    Tensor[] norm = NeuralOps.layerNorm(x, new long[] {8}, w, w, 1e-5);
    Tensor[] gradients =
        NeuralOps.layerNormBackward(
            x, x, new long[] {8}, norm[1], norm[2], w, w, new boolean[] {true, false, true});

    assertThat(norm[0].describe()).isEqualTo("BFLOAT16[2, 3, 8]");
    assertThat(norm[1].describe()).isEqualTo("FLOAT32[2, 3, 1]");
    assertThat(gradients[0].describe()).isEqualTo("BFLOAT16[2, 3, 8]");
    assertThat(gradients[1]).isNull();
    assertThat(gradients[2].describe()).isEqualTo("BFLOAT16[8]");
  }

  @Test
  void a_number_does_not_widen_a_scalar() {
    assertThat(Ops.mul(meta(DType.FLOAT32), 0.5).describe()).isEqualTo("FLOAT32[]");
    assertThat(Ops.addScalar(meta(DType.BFLOAT16, 2), 1).describe()).isEqualTo("BFLOAT16[2]");
  }

  @Test
  void a_convolution_has_the_shape_of_the_cpu() {
    long[] two = {2, 2};
    long[] one = {1, 1};
    Tensor there =
        NeuralOps.convolution(
            meta(DType.FLOAT32, 1, 3, 9, 8), meta(DType.FLOAT32, 4, 3, 3, 2), null, two, one, 1);
    Tensor here =
        NeuralOps.convolution(
            Tensor.zeros(DType.FLOAT32, 1, 3, 9, 8),
            Tensor.zeros(DType.FLOAT32, 4, 3, 3, 2),
            null,
            two,
            one,
            1);

    assertThat(there.describe()).isEqualTo(here.describe());
    assertThat(there.device()).isEqualTo(Device.META);
  }

  @Test
  void every_fused_attention_takes_its_arguments_in_their_places() {
    Tensor q = Views.transpose(meta(DType.BFLOAT16, 2, 5, 3, 16), 1, 2);
    for (Kernel kernel : new Kernel[] {Kernel.FLASH, Kernel.EFFICIENT}) {
      Setting setting = new Setting(kernel, 0.1, true, 0.25);
      var forward = DeviceAttentionOps.forward(setting, q, q, q, null);
      Tensor[] gradients =
          DeviceAttentionOps.backward(setting, forward.out(), q, q, q, null, forward);

      assertThat(forward.out().describe()).isEqualTo("BFLOAT16[2, 3, 5, 16]");
      assertThat(Views.transpose(forward.out(), 1, 2).contiguous()).isTrue();
      assertThat(gradients[2].describe()).isEqualTo("BFLOAT16[2, 3, 5, 16]");
    }
  }

  @Test
  void a_mask_is_aligned_for_the_kernel_only_where_it_is_not() {
    Tensor q = meta(DType.FLOAT32, 2, 3, 5, 16);
    Tensor odd = meta(DType.FLOAT32, 2, 1, 1, 5);
    Tensor bias = DeviceAttentionOps.bias(odd, q, q);
    var setting = new Setting(Kernel.EFFICIENT, 0, false, 1);
    var forward = DeviceAttentionOps.forward(setting, q, q, q, bias);

    assertThat(bias.strides()).containsExactly(8, 0, 0, 1);
    assertThat(forward.logsumexp().describe()).isEqualTo("FLOAT32[2, 3, 32]");
    assertThatThrownBy(
            () -> DeviceAttentionOps.forward(setting, q, q, q, Views.expand(odd, 2, 3, 5, 5)))
        .hasMessageContaining("not aligned");
  }

  @Test
  void values_are_refused_and_so_is_a_tensor_of_another_device() {
    Tensor x = meta(DType.FLOAT32, 2);
    Tensor here = Tensor.zeros(DType.FLOAT32, 2);

    assertThatThrownBy(x::toFloats).hasMessageContaining("on meta");
    assertThatThrownBy(x::memory)
        .isInstanceOf(NoValuesException.class)
        .hasMessageContaining("got FLOAT32[2] on meta, where tensors have none");
    assertThatThrownBy(() -> Ops.mul(x, here))
        .hasMessageContaining("FLOAT32[2] on meta and FLOAT32[2] on cpu, expected one device");
    assertThatThrownBy(() -> Ops.add(x, here)).hasMessageContaining("expected one device");
    assertThat(Ops.mul(x, Tensor.scalar(2, DType.FLOAT32)).device()).isEqualTo(Device.META);
  }
}
