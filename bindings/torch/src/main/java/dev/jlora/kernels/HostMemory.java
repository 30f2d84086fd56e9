package dev.jlora.kernels;

import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Native memory accessible from every thread, without a check of ownership or lifetime. */
final class HostMemory {
  /** The whole address space: for rows scattered by strides. */
  static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private HostMemory() {}

  /** Whether {@link #of} supports a tensor: contiguous in host memory, and not empty. */
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
