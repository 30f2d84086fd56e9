package dev.jlora.autograd;

import dev.jlora.ops.Fourier;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** The real part of a matrix's Fourier transform, which is its own transpose. */
record RealFourier() implements OneInput {
  @Override
  public Tensor forward(Context context, @Nullable Tensor... inputs) {
    return Fourier.realPart(inputs[0]);
  }

  @Override
  public Tensor gradient(Context context, Tensor g) {
    return Fourier.realPart(Ops.contiguous(g));
  }

  @Override
  public Memory gradientMemory() {
    return Memory.FRESH;
  }

  @Override
  public String name() {
    return "realFourier";
  }
}
