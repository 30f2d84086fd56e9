package dev.jlora.cuda.backend;

import dev.jlora.backend.Backend;
import dev.jlora.backend.TestBackends;
import dev.jlora.cuda.TestGpu;
import dev.jlora.cuda.blas.InterpretedPlans;
import dev.jlora.tensor.Device;
import java.util.EnumSet;
import java.util.function.Supplier;

/**
 * The backend of a GPU, for tests of whole functions. With an emulated driver, the CPU has this
 * backend while a test works "on the GPU", and products are interpreted.
 */
public final class BackendGpu {
  private static final class Loaded {
    static final Backend BACKEND =
        TestGpu.device().host()
            ? new CudaBackend(
                    TestBackends.composed(),
                    line -> {
                      throw new AssertionError(line);
                    })
                .choose(
                    TestGpu.device(),
                    EnumSet.allOf(Family.class),
                    () -> new GpuQueue(TestGpu.kernels(), TestGpu::stream),
                    InterpretedPlans::new)
            : Backend.of(TestGpu.device());
  }

  private BackendGpu() {}

  /** The GPU's backend. */
  public static Backend backend() {
    return Loaded.BACKEND;
  }

  /** Runs something with the GPU's kernels behind the functions. */
  public static <T> T with(Supplier<T> work) {
    Device device = TestGpu.device();
    Backend before = Backend.of(device);
    TestBackends.set(device, Loaded.BACKEND);
    try {
      return work.get();
    } finally {
      TestBackends.set(device, before);
    }
  }
}
