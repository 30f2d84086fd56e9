package dev.jlora.cuda.blas;

import dev.jlora.cuda.Cuda;
import dev.jlora.cuda.Gpu;
import dev.jlora.cuda.GpuThreads;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Torch;
import java.util.List;
import java.util.Map;

/**
 * Runs plans on a GPU, with libtorch's cuBLAS handle on its current stream. The workspace of a
 * product with an epilogue comes from libtorch's allocator and is freed at once: the next product
 * on the stream may use the same memory, and a captured graph has it in its own pool.
 */
public final class GpuPlans implements PlanRunner {
  private static final long WORKSPACE_BYTES = 32L << 20; // what cuBLAS asks for on a Hopper GPU
  private static final long SMALL_WORKSPACE_BYTES = 8L << 20;
  private static final int HOPPER = 9;

  private final Blas blas;
  private final Device device;
  private final GpuThreads threads;
  private final long workspaceBytes;

  private GpuPlans(Blas blas, Device device, GpuThreads threads, Gpu gpu) {
    this.blas = blas;
    this.device = device;
    this.threads = threads;
    this.workspaceBytes = gpu.major() >= HOPPER ? WORKSPACE_BYTES : SMALL_WORKSPACE_BYTES;
  }

  /**
   * Plans on a CUDA device.
   *
   * @throws dev.jlora.natives.NativeLoadException if libtorch was built without CUDA
   * @throws dev.jlora.cuda.CudaException if there is no such GPU
   */
  public static GpuPlans of(Device device) {
    Cuda cuda = Cuda.load();
    Gpu gpu = cuda.gpu(device.index());
    GpuPlans plans = new GpuPlans(Blas.load(), device, new GpuThreads(cuda, gpu), gpu);
    plans.queue();
    return plans;
  }

  private Blas.Queue queue() {
    threads.enter();
    return blas.queue(device);
  }

  @Override
  public void run(List<Step> plan, Map<String, Tensor> buffers, DType dtype) {
    boolean epilogue =
        plan.stream()
            .flatMap(step -> step.products().stream())
            .anyMatch(product -> product.epilogue() != Gemm.Epilogue.NONE);
    Precision precision = Precision.of(dtype, Torch.tf32());
    try (var _ = Scope.open()) {
      Tensor bytes = epilogue ? Tensor.empty(DType.UINT8, device, workspaceBytes) : null;
      blas.run(plan, buffers, precision, queue(), new Workspace(bytes, null));
    }
  }
}
