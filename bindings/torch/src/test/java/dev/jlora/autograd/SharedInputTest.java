package dev.jlora.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.ops.RandomOps;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import dev.jlora.testing.ScopedTensors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Layers that read one input add their gradients of it in place: the sum is that of all. */
@ExtendWith(ScopedTensors.class)
class SharedInputTest {
  private static final long BATCH = 130;
  private static final long WIDTH = 64;

  private Tensor x;
  private Tensor first;
  private Tensor second;
  private Tensor a;
  private Tensor b;
  private Tensor g;

  @BeforeEach
  void makeTensors() {
    x = RandomOps.randn(DType.FLOAT32, BATCH, 2, WIDTH);
    first = RandomOps.randn(DType.FLOAT32, WIDTH, WIDTH);
    second = RandomOps.randn(DType.FLOAT32, WIDTH, WIDTH);
    a = RandomOps.randn(DType.FLOAT32, 4, WIDTH);
    b = RandomOps.randn(DType.FLOAT32, WIDTH, 4);
    g = RandomOps.randn(DType.FLOAT32, BATCH, 2, WIDTH);
  }

  @Test
  void linears_with_and_without_adapters() {
    try (Tape tape = Tape.recording()) {
      tape.watch(x);
      Tensor y = Functions.linear(tape, x, first, null);
      Tensor z = Functions.loraLinear(tape, x, second, null, a, b, 0.5, 0, null, false);
      Tensor u = Functions.linear(tape, x, second, null);
      Tensor sum = Functions.add(tape, Functions.add(tape, y, z), u);
      try (Gradients gradients = tape.backward(sum, g)) {
        Tensor adapter = Ops.mul(Products.mm(b, a), 0.5);
        close(gradients.of(x), Ops.add(Ops.add(Ops.add(first, second), second), adapter));
      }
    }
  }

  @Test
  void a_sum_that_is_not_contiguous() {
    try (Tape tape = Tape.recording()) {
      tape.watch(x);
      Tensor y = Functions.linear(tape, x, first, null);
      Tensor turned = Functions.linear(tape, Functions.transpose(tape, x, 0, 1), second, null);
      Tensor sum = Functions.add(tape, y, Functions.transpose(tape, turned, 0, 1));
      try (Gradients gradients = tape.backward(sum, g)) {
        close(gradients.of(x), Ops.add(first, second));
      }
    }
  }

  /** The gradient of x through a weight [out, in]. */
  private void close(Tensor found, Tensor weight) {
    float[] expected = Products.mm(Views.reshape(g, -1, WIDTH), weight).toFloats();
    float[] values = found.toFloats();
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i]).isCloseTo(expected[i], within(1e-3f));
    }
  }
}
