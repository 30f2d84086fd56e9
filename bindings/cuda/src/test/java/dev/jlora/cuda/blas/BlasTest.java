package dev.jlora.cuda.blas;

import static dev.jlora.cuda.FakeDriver.answer;
import static dev.jlora.cuda.FakeDriver.answerLong;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.cuda.CudaException;
import dev.jlora.cuda.FakeLibrary;
import dev.jlora.ffi.cuda.CuBlas;
import dev.jlora.ffi.cuda.CuBlasLt;
import dev.jlora.ffi.cuda.CudaMemory;
import dev.jlora.ffi.cuda.TorchCuda;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import dev.jlora.testing.ScopedTensors;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What reaches cuBLAS, seen by a library that is written in Java. */
@ExtendWith(ScopedTensors.class)
class BlasTest {
  private static final Blas.Queue QUEUE = new Blas.Queue(11, 22, Device.CPU);
  private static final Precision FLOAT = Precision.of(DType.FLOAT32, false);

  private final List<Object[]> products = new ArrayList<>();
  private final Map<Integer, Object> attributes = new HashMap<>();

  private final FakeLibrary library = library();

  private FakeLibrary library() {
    Map<String, FunctionDescriptor> declared = new HashMap<>(CuBlas.declarations());
    declared.putAll(CuBlasLt.declarations());
    declared.putAll(CudaMemory.declarations());
    declared.putAll(TorchCuda.declarations());
    return new FakeLibrary(declared)
        .on("cublasGemmEx", this::record)
        .on("cublasGemmStridedBatchedEx", this::record)
        .on("torch_get_current_cuda_blas_handle", arguments -> answerLong(arguments[0], 11))
        .on("aoti_torch_get_current_cuda_stream", arguments -> answerLong(arguments[1], 22))
        .on(
            "cublasLtMatmulDescSetAttribute",
            arguments -> {
              long bytes = (long) arguments[3];
              var value = FakeLibrary.out(arguments[2], bytes);
              attributes.put(
                  (int) arguments[1],
                  bytes == Long.BYTES
                      ? value.get(ValueLayout.JAVA_LONG, 0)
                      : (Object) value.get(ValueLayout.JAVA_INT, 0));
              return 0;
            })
        .on("cublasLtMatmulAlgoGetHeuristic", arguments -> answer(arguments[9], 1))
        .on("cublasLtMatmul", this::record);
  }

  private Blas blas() {
    return new Blas(
        new CuBlas(library),
        new CuBlasLt(library),
        new CudaMemory(library),
        new TorchCuda(library));
  }

  /** Keeps the arguments; alpha and beta as numbers, which is what they point at right now. */
  private Object record(Object... arguments) {
    Object[] kept = arguments.clone();
    for (int i = 0; i < kept.length; i++) {
      if (kept[i] instanceof java.lang.foreign.MemorySegment pointer && pointer.address() != 0) {
        kept[i] = FakeLibrary.out(pointer, 4).get(ValueLayout.JAVA_FLOAT, 0);
      }
    }
    products.add(kept);
    return 0;
  }

  private static Map<String, Tensor> buffers() {
    return Map.of(
        "x", Tensor.zeros(DType.FLOAT32, 4, 3),
        "w", Tensor.zeros(DType.FLOAT32, 5, 3),
        "bias", Tensor.zeros(DType.FLOAT32, 5),
        "y", Tensor.zeros(DType.FLOAT32, 4, 5));
  }

  private static final Gemm LINEAR =
      Gemm.of(Matrix.of("y", 4, 5), Matrix.of("x", 4, 3), Matrix.of("w", 5, 3).t(), 2, 0.5);

  @Test
  void a_product_is_asked_for_as_planned() {
    Map<String, Tensor> buffers = buffers();
    blas().run(List.of(LINEAR), buffers, FLOAT, QUEUE, Workspace.NONE);

    assertThat(products).hasSize(1);
    assertThat(products.getFirst())
        .containsExactly(
            11L, // handle
            1, // op(W) is its transpose
            0,
            5, // m = out
            4, // n = rows
            3, // k = in
            2f,
            buffers.get("w").address(),
            0, // CUDA_R_32F
            3,
            buffers.get("x").address(),
            0,
            3,
            0.5f,
            buffers.get("y").address(),
            0,
            5,
            68, // CUBLAS_COMPUTE_32F
            -1);
  }

  @Test
  void a_result_of_16_bit_factors_may_be_float() {
    Map<String, Tensor> buffers = new HashMap<>(buffers());
    buffers.put("x", Tensor.zeros(DType.BFLOAT16, 4, 3));
    buffers.put("w", Tensor.zeros(DType.BFLOAT16, 5, 3));
    buffers.put("bias", Tensor.zeros(DType.BFLOAT16, 5));
    Precision half = Precision.of(DType.BFLOAT16, false);
    blas().run(List.of(LINEAR), buffers, half, QUEUE, Workspace.NONE);

    Object[] call = products.getFirst();
    assertThat(List.of(call[8], call[11], call[15])).containsExactly(14, 14, 0);
    List<Step> epilogue = List.of(LINEAR.with(Gemm.Epilogue.BIAS, "bias"));
    assertThatThrownBy(() -> blas().run(epilogue, buffers, half, QUEUE, Workspace.NONE))
        .hasMessageContaining("got buffer 'y' FLOAT32[4, 5]");
  }

  @Test
  void a_batch_has_its_strides() {
    Gemm batch =
        Gemm.batch(
            2,
            Matrix.of("y", 2, 5).every(10),
            Matrix.of("x", 2, 3).every(6),
            Matrix.of("w", 5, 3).t(),
            1,
            0);
    blas().run(List.of(batch), buffers(), FLOAT, QUEUE, Workspace.NONE);

    Object[] call = products.getFirst();
    assertThat(List.of(call[10], call[14], call[19], call[20])).containsExactly(0L, 6L, 10L, 2);
  }

  @Test
  void an_epilogue_goes_to_cublaslt_with_its_bias() {
    Map<String, Tensor> buffers = buffers();
    Blas blas = blas();
    List<Step> plan = List.of(LINEAR.with(Gemm.Epilogue.GELU_BIAS, "bias"));
    blas.run(plan, buffers, FLOAT, QUEUE, Workspace.NONE);
    blas.run(plan, buffers, FLOAT, QUEUE, Workspace.NONE);

    assertThat(attributes)
        .containsEntry(3, 1) // TRANSA
        .containsEntry(4, 0)
        .containsEntry(7, 36) // EPILOGUE: GELU_BIAS
        .containsEntry(8, buffers.get("bias").address());
    assertThat(products).hasSize(2);
    assertThat(products.getFirst()[15]).isEqualTo(22L);
    assertThat(library.calls().stream().filter("cublasLtMatmulAlgoGetHeuristic"::equals))
        .hasSize(1);
  }

  @Test
  void grouped_products_find_their_addresses_on_the_gpu() {
    Map<String, Tensor> buffers = buffers();
    Gemm upper =
        Gemm.of(
            Matrix.of("y", 4, 5).rows(0, 2),
            Matrix.of("x", 4, 3).rows(0, 2),
            Matrix.of("w", 5, 3).t(),
            2,
            0.5);
    Step group = new Grouped(List.of(LINEAR, upper));
    List<Object> seen = new ArrayList<>();
    library
        .on(
            "cuMemcpyHtoDAsync_v2",
            arguments -> {
              long[] copied = FakeLibrary.out(arguments[1], 48).toArray(ValueLayout.JAVA_LONG);
              seen.addAll(List.of(arguments[0], arguments[3], copied[0], copied[3], copied[5]));
              return 0;
            })
        .on(
            "cublasGemmGroupedBatchedEx",
            arguments -> {
              seen.addAll(ints(arguments[3]));
              seen.addAll(ints(arguments[4]));
              seen.addAll(List.of(arguments[7], arguments[10], arguments[14], arguments[17]));
              return 0;
            });
    Tensor table = Tensor.zeros(DType.INT64, 6);
    blas().run(List.of(group), buffers, FLOAT, QUEUE, new Workspace(null, table));

    long at = table.address();
    long x = buffers.get("x").address();
    long y = buffers.get("y").address();
    assertThat(seen)
        .containsExactly(
            at, 22L, buffers.get("w").address(), x, y, 5, 5, 4, 2, at, at + 16, at + 32, 2);
    assertThat(products).isEmpty();

    blas().run(List.of(group), buffers, FLOAT, QUEUE, Workspace.NONE);
    assertThat(products).as("one after the other").hasSize(2);
  }

  private static List<Object> ints(Object pointer) {
    int[] values = FakeLibrary.out(pointer, 8).toArray(ValueLayout.JAVA_INT);
    return List.of(values[0], values[1]);
  }

  @Test
  void buffers_that_do_not_fit_are_refused_before_anything_is_queued() {
    Map<String, Tensor> small = new HashMap<>(buffers());
    small.put("y", Tensor.zeros(DType.FLOAT32, 4, 4));
    Map<String, Tensor> half = new HashMap<>(buffers());
    half.put("w", Tensor.zeros(DType.BFLOAT16, 5, 3));
    Map<String, Tensor> none = new HashMap<>(buffers());
    none.remove("x");
    Blas blas = blas();
    List<Step> plan = List.of(LINEAR);

    assertThatThrownBy(() -> blas.run(plan, small, FLOAT, QUEUE, Workspace.NONE))
        .hasMessageContaining("got buffer 'y' FLOAT32[4, 4] on cpu, expected 20 elements or more");
    assertThatThrownBy(() -> blas.run(plan, half, FLOAT, QUEUE, Workspace.NONE))
        .hasMessageContaining("got buffer 'w' BFLOAT16[5, 3]");
    assertThatThrownBy(() -> blas.run(plan, none, FLOAT, QUEUE, Workspace.NONE))
        .hasMessageContaining("there is no buffer 'x'");
    assertThat(products).isEmpty();
  }

  @Test
  void a_refusal_names_the_product() {
    library.failing("cublasGemmEx", 15);
    Blas blas = blas();
    Map<String, Tensor> buffers = buffers();

    assertThatThrownBy(() -> blas.run(List.of(LINEAR), buffers, FLOAT, QUEUE, Workspace.NONE))
        .isInstanceOf(CudaException.class)
        .hasMessageContaining("libcublas, product Gemm[transA=true")
        .hasMessageContaining("CUBLAS_STATUS_NOT_SUPPORTED (15)");
  }

  @Test
  void the_handle_is_that_of_libtorch() {
    assertThat(blas().queue(Device.cuda(0))).isEqualTo(new Blas.Queue(11, 22, Device.cuda(0)));
    library.failing("torch_get_current_cuda_blas_handle", 1);
    assertThatThrownBy(() -> blas().queue(Device.cuda(0)))
        .hasMessageContaining("libtorch returns no cuBLAS handle for cuda:0");
  }

  @Test
  void precisions_have_their_codes() {
    assertThat(Precision.of(DType.BFLOAT16, true)).isEqualTo(new Precision(DType.BFLOAT16, 14, 68));
    assertThat(Precision.of(DType.FLOAT16, false)).isEqualTo(new Precision(DType.FLOAT16, 2, 68));
    assertThat(Precision.of(DType.FLOAT32, true)).isEqualTo(new Precision(DType.FLOAT32, 0, 77));
    assertThatThrownBy(() -> Precision.of(DType.FLOAT64, false))
        .hasMessage("product: got FLOAT64, expected FLOAT32, BFLOAT16 or FLOAT16");
  }
}
