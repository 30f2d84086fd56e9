package dev.jlora.cuda.blas;

import static dev.jlora.ffi.cuda.CudaValues.CUBLAS_GEMM_DEFAULT;
import static dev.jlora.ffi.cuda.CudaValues.CUBLAS_OP_N;
import static dev.jlora.ffi.cuda.CudaValues.CUBLAS_OP_T;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.cuda.CudaException;
import dev.jlora.ffi.cuda.CuBlas;
import dev.jlora.ffi.cuda.CuBlasLt;
import dev.jlora.ffi.cuda.CudaMemory;
import dev.jlora.ffi.cuda.Library;
import dev.jlora.ffi.cuda.TorchCuda;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/**
 * Runs plans on cuBLAS with libtorch's own handle for this thread and GPU. The handle is bound to
 * libtorch's current stream, so products are ordered with libtorch's operators.
 */
public final class Blas {
  private static final class Loaded {
    static final Blas LIBRARY =
        new Blas(CuBlas.load(), CuBlasLt.load(), CudaMemory.load(), TorchCuda.load());
  }

  private final CuBlas functions;
  private final TorchCuda torch;
  private final LtProducts epilogues;
  private final GroupedProducts groups;

  Blas(CuBlas functions, CuBlasLt lt, CudaMemory memory, TorchCuda torch) {
    this.functions = functions;
    this.torch = torch;
    this.epilogues = new LtProducts(lt);
    this.groups = new GroupedProducts(functions, memory);
  }

  /**
   * The cuBLAS that libtorch is linked to.
   *
   * @throws dev.jlora.natives.NativeLoadException if libtorch was built without CUDA
   */
  public static Blas load() {
    return Loaded.LIBRARY;
  }

  /**
   * The handle and stream that products use.
   *
   * @param handle of cuBLAS
   * @param stream it is bound to
   * @param device of its tensors
   */
  public record Queue(long handle, long stream, Device device) {}

  /** libtorch's handle and stream for this thread's GPU. */
  public Queue queue(Device device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      require(torch.currentBlasHandle(out), device);
      long handle = out.get(JAVA_LONG, 0);
      require(torch.currentStream(device.index(), out), device);
      return new Queue(handle, out.get(JAVA_LONG, 0), device);
    }
  }

  private static void require(int status, Device device) {
    if (status != 0) {
      throw new IllegalStateException(
          "libtorch returns no cuBLAS handle for %s; ./jlora info lists the GPUs"
              .formatted(device));
    }
  }

  /**
   * Queues the calls of a plan.
   *
   * @param buffers the tensors that the plan names, contiguous and of the precision's dtype; the
   *     result of a product without an epilogue may be FLOAT32, the accumulation type
   * @param workspace scratch memory of the calls
   * @throws IllegalArgumentException if a buffer is missing or too small; nothing is queued then
   * @throws CudaException if cuBLAS rejects a call
   */
  public void run(
      List<Step> plan,
      Map<String, Tensor> buffers,
      Precision precision,
      Queue queue,
      Workspace workspace) {
    Buffers known = new Buffers(buffers, precision, queue.device());
    plan.forEach(step -> step.products().forEach(product -> check(product, step, known)));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment scales = arena.allocate(JAVA_FLOAT, 2);
      for (Step step : plan) {
        Tensor table = workspace.addresses();
        if (step instanceof Grouped group && table != null && GroupedProducts.fits(group, table)) {
          groups.run(group, known, queue, table);
        } else {
          for (Gemm product : step.products()) {
            run(product, known, queue, scales, workspace);
          }
        }
      }
    }
  }

  private static void check(Gemm product, Step step, Buffers buffers) {
    buffers.address(product.a());
    buffers.address(product.b());
    if (step == product && product.epilogue() == Gemm.Epilogue.NONE) {
      buffers.result(product.c());
    } else {
      buffers.address(product.c());
    }
    if (product.bias() != null) {
      buffers.bias(product.bias(), product.m());
    }
  }

  private void run(
      Gemm it, Buffers buffers, Queue queue, MemorySegment scales, Workspace workspace) {
    if (it.epilogue() != Gemm.Epilogue.NONE) {
      epilogues.run(it, buffers, queue, workspace.bytes());
      return;
    }
    Precision precision = buffers.precision();
    scales.setAtIndex(JAVA_FLOAT, 0, (float) it.alpha());
    scales.setAtIndex(JAVA_FLOAT, 1, (float) it.beta());
    int type = precision.dataType();
    int resultType = Precision.dataType(buffers.resultType(it.c()));
    int code =
        it.batch() == 1
            ? functions.gemmEx(
                queue.handle(),
                operation(it.transA()),
                operation(it.transB()),
                it.m(),
                it.n(),
                it.k(),
                scales,
                buffers.address(it.a()),
                type,
                it.a().ld(),
                buffers.address(it.b()),
                type,
                it.b().ld(),
                scales.asSlice(Float.BYTES),
                buffers.result(it.c()),
                resultType,
                it.c().ld(),
                precision.computeType(),
                CUBLAS_GEMM_DEFAULT)
            : functions.gemmStridedBatchedEx(
                queue.handle(),
                operation(it.transA()),
                operation(it.transB()),
                it.m(),
                it.n(),
                it.k(),
                scales,
                buffers.address(it.a()),
                type,
                it.a().ld(),
                it.a().stride(),
                buffers.address(it.b()),
                type,
                it.b().ld(),
                it.b().stride(),
                scales.asSlice(Float.BYTES),
                buffers.result(it.c()),
                resultType,
                it.c().ld(),
                it.c().stride(),
                it.batch(),
                precision.computeType(),
                CUBLAS_GEMM_DEFAULT);
    CudaException.check(Library.BLAS, code, () -> "product " + it);
  }

  static int operation(boolean transposed) {
    return transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
  }
}
