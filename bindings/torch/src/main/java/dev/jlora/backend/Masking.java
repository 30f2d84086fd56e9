package dev.jlora.backend;

import dev.jlora.kernels.DropMask;
import dev.jlora.tensor.Tensor;

/** Dropout by a mask that is computed when needed; x has any shape, layout and floating dtype. */
public interface Masking {
  /** mask * x * factor, in new memory. */
  Tensor times(DropMask mask, Tensor x, double factor);

  /** addend + mask * x * factor, in new memory; the addend has x's shape and dtype. */
  Tensor timesPlus(DropMask mask, Tensor x, double factor, Tensor addend);

  /** x = mask * x * factor. */
  void timesInPlace(DropMask mask, Tensor x, double factor);

  /** sum = sum + mask * x * factor; the sum is contiguous and has x's shape and dtype. */
  void addTo(Tensor sum, DropMask mask, Tensor x, double factor);
}
