package dev.jlora.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.cuda.TorchCuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A CUDA stream; its work runs in the order it was queued.
 *
 * @param handle the library's handle, 0 for the default stream
 */
public record Stream(long handle) {
  private static final class Torch {
    static final TorchCuda FUNCTIONS = TorchCuda.load();
  }

  /** The stream of libtorch's operators on this thread; libtorch's guards change it. */
  public static Stream current(int gpu) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      if (Torch.FUNCTIONS.currentStream(gpu, out) != 0) {
        throw new CudaException(
            "libtorch returns no stream for cuda:%d.".formatted(gpu),
            "check that ./jlora info lists this GPU",
            Optional.empty());
      }
      return new Stream(out.get(JAVA_LONG, 0));
    }
  }
}
