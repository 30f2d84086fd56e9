package dev.jlora.tensor;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.Jemalloc;
import dev.jlora.ffi.TensorHandles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/**
 * Allocates large CPU tensors with jemalloc, if it is available and libtorch accepts foreign memory
 * with a deleter ({@link dev.jlora.natives.TensorHeap}). libtorch counts the views of a tensor and
 * frees the memory with the last one, without calling Java.
 */
public final class HostHeap {
  /** Smaller tensors come from glibc, which serves small blocks faster. */
  static final long LEAST_BYTES = 64 << 10;

  private static final long ALIGNMENT = 64; // as libtorch's own
  private static final int ANY_INDEX = -1; // an index of the host's is refused
  private static final int STRIDED = 0;
  private static final boolean PRESENT =
      Jemalloc.available() && TensorHandles.hasTensorFromOwnedBlob();

  private HostHeap() {}

  /** Whether {@link Tensor#empty} allocates a tensor of that size here rather than in libtorch. */
  public static boolean takes(Device device, long bytes) {
    return bytes >= LEAST_BYTES && device.host() && PRESENT;
  }

  /** Whether the memory of a tensor was allocated here. */
  public static boolean holds(Tensor tensor) {
    if (!PRESENT || !tensor.device().host()) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocateFrom(JAVA_LONG, tensor.address());
      MemorySegment owner = arena.allocate(JAVA_INT);
      MemorySegment bytes = arena.allocateFrom(JAVA_LONG, Integer.BYTES);
      MemorySegment name = arena.allocateFrom("arenas.lookup");
      return Jemalloc.mallctl(name, owner, bytes, address, Long.BYTES) == 0;
    }
  }

  /**
   * Creates a tensor over memory allocated here, with the contract of {@link
   * TensorHandles#emptyStrided}.
   *
   * @param call holds sizes and strides, and receives the handle
   * @throws TorchException if memory is exhausted
   */
  static int empty(NativeCall call, int rank, DType dtype, long bytes, Supplier<String> what) {
    MemorySegment data = Jemalloc.alignedAlloc(ALIGNMENT, bytes);
    if (data.address() == 0) {
      throw new TorchException(
          ("%s needs %,d bytes, and the system is out of memory. Use a smaller batch or shorter"
                  + " sequences.")
              .formatted(what.get(), bytes));
    }
    return TensorHandles.tensorFromOwnedBlob(
        data,
        rank,
        call.sizes,
        call.strides,
        0L,
        dtype.code(),
        Device.CPU.kind().code(),
        ANY_INDEX,
        call.out,
        STRIDED,
        MemorySegment.NULL,
        0L,
        Jemalloc.free(),
        MemorySegment.NULL);
  }
}
