package dev.jlora.engine.benchmarks;

import dev.jlora.ops.Products;
import dev.jlora.ops.RandomOps;
import dev.jlora.tensor.BatchUploader;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;

/**
 * Measures a device's peak rate of matrix products: large square ones, of random numbers. With
 * zeros a GPU would reach a higher clock, because fewer bits switch.
 */
final class GemmRate {
  private static final int GPU_SIZE = 8192;
  private static final int CPU_SIZE = 1024;
  private static final int RUNS = 5;

  private GemmRate() {}

  /**
   * Floating-point operations per second of the best of a few runs; 0 on a device that computes
   * nothing.
   */
  static double measure(Device device, DType dtype) {
    if (device.kind() == Device.Kind.META) {
      return 0;
    }
    long size = device.host() ? CPU_SIZE : GPU_SIZE;
    try (var _ = Scope.open()) {
      Tensor a = random(dtype, device, size);
      Tensor b = random(dtype, device, size);
      double best = Double.POSITIVE_INFINITY;
      for (int i = 0; i < RUNS; i++) {
        BatchUploader.synchronize(device);
        long start = System.nanoTime();
        try (var _ = Scope.open()) {
          Products.linear(a, b, null);
        }
        BatchUploader.synchronize(device);
        best = Math.min(best, (System.nanoTime() - start) / 1e9);
      }
      return 2.0 * size * size * size / best;
    }
  }

  /** Standard normal numbers: one block of rows, repeated, which the host creates quickly. */
  static Tensor random(DType dtype, Device device, long size) {
    Tensor block = RandomOps.randn(DType.FLOAT32, CPU_SIZE, size).to(device);
    Tensor whole = Tensor.empty(dtype, device, size, size);
    for (long row = 0; row < size; row += CPU_SIZE) {
      Views.slice(whole, 0, row, row + CPU_SIZE).copyFrom(block);
    }
    return whole;
  }
}
