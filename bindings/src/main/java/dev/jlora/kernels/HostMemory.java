package dev.jlora.kernels;

import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Native memory as every thread sees it, without a check of who owns it or whether it is freed. */
final class HostMemory {
  /** All of it, by address: for rows that strides scatter. */
  static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private HostMemory() {}

  /** Whether {@link #of} has a tensor: side by side in the memory of the host, and not empty. */
  static boolean has(Tensor tensor) {
    return tensor.device().kind() == Device.Kind.CPU
        && tensor.contiguous()
        && tensor.elements() > 0;
  }

  /** The bytes of a contiguous tensor, which the caller keeps alive until the last access. */
  static MemorySegment of(Tensor tensor) {
    return MemorySegment.ofAddress(tensor.address())
        .reinterpret(tensor.elements() * tensor.dtype().bytes());
  }
}
