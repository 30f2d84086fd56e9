package dev.jlora.cuda.blas;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.cuda.CudaException;
import dev.jlora.ffi.cuda.CuBlas;
import dev.jlora.ffi.cuda.CudaMemory;
import dev.jlora.ffi.cuda.Library;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;

/**
 * Products of different shapes in one launch, each a group of its own. cuBLAS reads the addresses
 * of the matrices from device memory, so they are copied there first, on the same stream: an
 * earlier call has read its addresses before they are overwritten.
 */
final class GroupedProducts {
  private static final int OPERANDS = 3;

  private final CuBlas functions;
  private final CudaMemory memory;

  GroupedProducts(CuBlas functions, CudaMemory memory) {
    this.functions = functions;
    this.memory = memory;
  }

  /** Whether a table has room for a group. */
  static boolean fits(Grouped group, Tensor table) {
    return table.elements() * table.dtype().bytes()
        >= (long) OPERANDS * group.products().size() * Long.BYTES;
  }

  void run(Grouped group, Buffers buffers, Blas.Queue queue, Tensor table) {
    List<Gemm> products = group.products();
    int count = products.size();
    int type = buffers.precision().dataType();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment addresses = arena.allocate(JAVA_LONG, (long) OPERANDS * count);
      for (int i = 0; i < count; i++) {
        Gemm it = products.get(i);
        addresses.setAtIndex(JAVA_LONG, i, buffers.address(it.a()));
        addresses.setAtIndex(JAVA_LONG, count + i, buffers.address(it.b()));
        addresses.setAtIndex(JAVA_LONG, 2L * count + i, buffers.address(it.c()));
      }
      long at = table.address();
      CudaException.check(
          Library.DRIVER,
          memory.copyHtoDAsync(at, addresses, addresses.byteSize(), queue.stream()),
          () -> "copying matrix addresses");
      int code =
          functions.gemmGroupedBatchedEx(
              queue.handle(),
              ints(arena, products, it -> Blas.operation(it.transA())),
              ints(arena, products, it -> Blas.operation(it.transB())),
              ints(arena, products, Gemm::m),
              ints(arena, products, Gemm::n),
              ints(arena, products, Gemm::k),
              floats(arena, products, Gemm::alpha),
              at,
              type,
              ints(arena, products, it -> it.a().ld()),
              at + (long) count * Long.BYTES,
              type,
              ints(arena, products, it -> it.b().ld()),
              floats(arena, products, Gemm::beta),
              at + 2L * count * Long.BYTES,
              type,
              ints(arena, products, it -> it.c().ld()),
              count,
              ints(arena, products, it -> 1),
              buffers.precision().computeType());
      CudaException.check(Library.BLAS, code, () -> "products " + products);
    }
  }

  private static MemorySegment ints(Arena arena, List<Gemm> products, ToIntFunction<Gemm> value) {
    return arena.allocateFrom(JAVA_INT, products.stream().mapToInt(value).toArray());
  }

  private static MemorySegment floats(
      Arena arena, List<Gemm> products, ToDoubleFunction<Gemm> value) {
    MemorySegment array = arena.allocate(JAVA_FLOAT, products.size());
    for (int i = 0; i < products.size(); i++) {
      array.setAtIndex(JAVA_FLOAT, i, (float) value.applyAsDouble(products.get(i)));
    }
    return array;
  }
}
