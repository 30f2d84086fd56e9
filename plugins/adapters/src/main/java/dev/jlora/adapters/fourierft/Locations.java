package dev.jlora.adapters.fourierft;

import dev.jlora.peft.TorchGenerator;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;

/**
 * The places of the trained coefficients in a spectrum [rows, columns]. PEFT draws them with {@code
 * torch.randperm} and does not save them.
 */
record Locations(long rows, long columns, int count, long seed) {

  /** The places, counted row by row: [count] INT64, in the current scope. */
  Tensor indices(Device device) {
    long[] first = new TorchGenerator(seed).permutation(rows * columns, count);
    return Tensor.of(first, count).to(device);
  }
}
