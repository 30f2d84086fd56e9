package dev.jlora.backend;

import dev.jlora.kernels.DropMask;
import dev.jlora.tensor.Tensor;

/**
 * Dropout as implemented by the mask itself: the CPU's loops, or libtorch's generator on a device.
 */
final class ComposedMasking implements Masking {
  @Override
  public Tensor times(DropMask mask, Tensor x, double factor) {
    return mask.times(x, factor);
  }

  @Override
  public Tensor timesPlus(DropMask mask, Tensor x, double factor, Tensor addend) {
    return mask.timesPlus(x, factor, addend);
  }

  @Override
  public void timesInPlace(DropMask mask, Tensor x, double factor) {
    mask.timesInPlace(x, factor);
  }

  @Override
  public void addTo(Tensor sum, DropMask mask, Tensor x, double factor) {
    mask.addTo(sum, x, factor);
  }
}
