package dev.jlora.cuda;

import static dev.jlora.ffi.cuda.CudaValues.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static dev.jlora.ffi.cuda.CudaValues.CU_FUNC_ATTRIBUTE_NUM_REGS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.jlora.ffi.cuda.CudaDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A compiled kernel on a GPU. */
public final class Kernel {
  /** Shared memory of a block without opt-in. */
  private static final int PLAIN_SHARED_BYTES = 48 << 10;

  private final CudaDriver driver;
  private final long function;
  private final String name;
  private int sharedBytes = PLAIN_SHARED_BYTES;

  Kernel(CudaDriver driver, long function, String name) {
    this.driver = driver;
    this.function = function;
    this.name = name;
  }

  /**
   * Queues the kernel; returns before it runs.
   *
   * @throws CudaException if the GPU cannot run this shape, or if earlier work failed
   */
  public void launch(Stream stream, LaunchShape shape, KernelArguments arguments) {
    if (shape.sharedBytes() > sharedBytes) {
      allow(shape.sharedBytes());
    }
    int code =
        driver.launchKernel(
            function,
            shape.gridX(),
            shape.gridY(),
            1,
            shape.threads(),
            1,
            1,
            shape.sharedBytes(),
            stream.handle(),
            arguments.pointers(),
            MemorySegment.NULL);
    if (code != 0) {
      Cuda.check(code, "launching %s with %s".formatted(name, shape));
    }
  }

  private void allow(int bytes) {
    Cuda.check(
        driver.funcSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes),
        "asking for %d bytes of shared memory for %s".formatted(bytes, name));
    sharedBytes = bytes;
  }

  /** Number of registers per thread, for reports. */
  public int registers() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      Cuda.check(
          driver.funcGetAttribute(out, CU_FUNC_ATTRIBUTE_NUM_REGS, function),
          "cuFuncGetAttribute(" + name + ")");
      return out.get(JAVA_INT, 0);
    }
  }
}
