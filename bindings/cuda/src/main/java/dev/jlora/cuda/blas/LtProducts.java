package dev.jlora.cuda.blas;

import static dev.jlora.ffi.cuda.CudaValues.CUBLASLT_EPILOGUE_BIAS;
import static dev.jlora.ffi.cuda.CudaValues.CUBLASLT_EPILOGUE_GELU_BIAS;
import static dev.jlora.ffi.cuda.CudaValues.CUBLASLT_MATMUL_DESC_BIAS_POINTER;
import static dev.jlora.ffi.cuda.CudaValues.CUBLASLT_MATMUL_DESC_EPILOGUE;
import static dev.jlora.ffi.cuda.CudaValues.CUBLASLT_MATMUL_DESC_TRANSA;
import static dev.jlora.ffi.cuda.CudaValues.CUBLASLT_MATMUL_DESC_TRANSB;
import static dev.jlora.ffi.cuda.CudaValues.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES;
import static dev.jlora.ffi.cuda.CudaValues.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
import static dev.jlora.ffi.cuda.CudaValues.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES;
import static dev.jlora.ffi.cuda.CudaValues.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES;
import static dev.jlora.ffi.cuda.CudaValues.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.cuda.CudaError;
import dev.jlora.cuda.CudaException;
import dev.jlora.ffi.cuda.CuBlasLt;
import dev.jlora.ffi.cuda.Library;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Products with an epilogue, by cuBLASLt. A cuBLAS handle is also a cuBLASLt handle. The
 * descriptors of a product and the algorithm selected by the library's heuristic are cached: a
 * model has few shapes.
 */
final class LtProducts {
  private static final long RESULT_BYTES = 96;
  private static final long ALGORITHM_BYTES = 64;
  private static final long STATE_OFFSET = 72;
  private static final int NOT_SUPPORTED = CudaError.CUBLAS_STATUS_NOT_SUPPORTED.code();

  private static final int[] ALIGNMENTS = {
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES
  };

  /** Everything that descriptors depend on; of addresses only the alignment. */
  private record Key(Gemm shape, Precision precision, long workspaceBytes, int alignment) {}

  private record Prepared(long product, long a, long b, long c, MemorySegment algorithm) {}

  private final CuBlasLt functions;
  private final Map<Key, Prepared> prepared = new ConcurrentHashMap<>();

  LtProducts(CuBlasLt functions) {
    this.functions = functions;
  }

  void run(Gemm it, Buffers buffers, Blas.Queue queue, @Nullable Tensor workspace) {
    long a = buffers.address(it.a());
    long b = buffers.address(it.b());
    long c = buffers.address(it.c());
    long workspaceBytes = workspace == null ? 0 : workspace.elements() * workspace.dtype().bytes();
    Key key = new Key(it, buffers.precision(), workspaceBytes, alignment(a | b | c));
    Prepared ready = prepared.computeIfAbsent(key, _ -> prepare(key, queue.handle()));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bias = arena.allocateFrom(JAVA_LONG, buffers.bias(it.bias(), it.m()));
      synchronized (ready) { // the bias travels in the shared descriptor
        set(ready.product(), CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias, Long.BYTES);
        check(
            functions.matmul(
                queue.handle(),
                ready.product(),
                arena.allocateFrom(JAVA_FLOAT, (float) it.alpha()),
                a,
                ready.a(),
                b,
                ready.b(),
                arena.allocateFrom(JAVA_FLOAT, (float) it.beta()),
                c,
                ready.c(),
                c,
                ready.c(),
                ready.algorithm(),
                workspace == null ? 0 : workspace.address(),
                workspaceBytes,
                queue.stream()),
            "product " + it);
      }
    }
  }

  /** The common alignment in bytes of all addresses, up to the largest that matters. */
  private static int alignment(long addresses) {
    return (int) Math.min(Long.lowestOneBit(addresses | 256), 256);
  }

  private Prepared prepare(Key key, long handle) {
    Gemm it = key.shape();
    int type = key.precision().dataType();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      check(
          functions.matmulDescCreate(out, key.precision().computeType(), Precision.SCALE_TYPE),
          "cublasLtMatmulDescCreate");
      long product = out.get(JAVA_LONG, 0);
      set(product, CUBLASLT_MATMUL_DESC_TRANSA, ints(arena, Blas.operation(it.transA())), 4);
      set(product, CUBLASLT_MATMUL_DESC_TRANSB, ints(arena, Blas.operation(it.transB())), 4);
      set(product, CUBLASLT_MATMUL_DESC_EPILOGUE, ints(arena, epilogue(it.epilogue())), 4);
      long a =
          it.transA()
              ? layout(out, type, it.k(), it.m(), it.a())
              : layout(out, type, it.m(), it.k(), it.a());
      long b =
          it.transB()
              ? layout(out, type, it.n(), it.k(), it.b())
              : layout(out, type, it.k(), it.n(), it.b());
      long c = layout(out, type, it.m(), it.n(), it.c());
      MemorySegment algorithm = choose(arena, key, handle, new long[] {product, a, b, c});
      return new Prepared(product, a, b, c, algorithm);
    }
  }

  private long layout(MemorySegment out, int type, long rows, long columns, Gemm.Operand operand) {
    check(
        functions.matrixLayoutCreate(out, type, rows, columns, operand.ld()),
        "cublasLtMatrixLayoutCreate");
    return out.get(JAVA_LONG, 0);
  }

  private MemorySegment choose(Arena arena, Key key, long handle, long[] descriptors) {
    MemorySegment out = arena.allocate(JAVA_LONG);
    check(functions.matmulPreferenceCreate(out), "cublasLtMatmulPreferenceCreate");
    long preference = out.get(JAVA_LONG, 0);
    check(
        functions.matmulPreferenceSetAttribute(
            preference,
            CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
            arena.allocateFrom(JAVA_LONG, key.workspaceBytes()),
            Long.BYTES),
        "cublasLtMatmulPreferenceSetAttribute");
    for (int attribute : ALIGNMENTS) {
      check(
          functions.matmulPreferenceSetAttribute(
              preference, attribute, ints(arena, key.alignment()), Integer.BYTES),
          "cublasLtMatmulPreferenceSetAttribute");
    }
    MemorySegment result = arena.allocate(RESULT_BYTES, Long.BYTES);
    MemorySegment found = arena.allocate(JAVA_INT);
    check(
        functions.matmulAlgoGetHeuristic(
            handle,
            descriptors[0],
            descriptors[1],
            descriptors[2],
            descriptors[3],
            descriptors[3],
            preference,
            1,
            result,
            found),
        "looking for an algorithm for " + key.shape());
    check(functions.matmulPreferenceDestroy(preference), "cublasLtMatmulPreferenceDestroy");
    check(
        found.get(JAVA_INT, 0) == 0 ? NOT_SUPPORTED : result.get(JAVA_INT, STATE_OFFSET),
        "looking for an algorithm for " + key.shape());
    MemorySegment algorithm = Arena.ofAuto().allocate(ALGORITHM_BYTES, Long.BYTES);
    MemorySegment.copy(result, JAVA_BYTE, 0, algorithm, JAVA_BYTE, 0, ALGORITHM_BYTES);
    return algorithm;
  }

  private static int epilogue(Gemm.Epilogue epilogue) {
    return switch (epilogue) {
      case BIAS -> CUBLASLT_EPILOGUE_BIAS;
      case GELU_BIAS -> CUBLASLT_EPILOGUE_GELU_BIAS;
      case NONE -> throw new IllegalArgumentException("a product without an epilogue");
    };
  }

  private void set(long product, int attribute, MemorySegment value, long bytes) {
    check(
        functions.matmulDescSetAttribute(product, attribute, value, bytes),
        "cublasLtMatmulDescSetAttribute(%d)".formatted(attribute));
  }

  private static MemorySegment ints(Arena arena, int value) {
    return arena.allocateFrom(JAVA_INT, value);
  }

  private static void check(int code, String call) {
    CudaException.check(Library.BLASLT, code, () -> call);
  }
}
