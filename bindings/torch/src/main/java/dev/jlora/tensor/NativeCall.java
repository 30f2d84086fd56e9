package dev.jlora.tensor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.LibTorch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/** Per-thread native scratch memory, and the check of every status code. */
final class NativeCall {
  static final int SLOTS = 32;
  static final int MAX_RANK = 32;

  private static final ThreadLocal<NativeCall> LOCAL = ThreadLocal.withInitial(NativeCall::new);

  /** The dispatcher's stack: arguments in, results out. */
  final MemorySegment stack;

  /** One result: a handle, a pointer, an int or a bool. */
  final MemorySegment out;

  final MemorySegment sizes;
  final MemorySegment strides;

  private NativeCall() {
    Arena arena = Arena.ofAuto();
    stack = arena.allocate(JAVA_LONG, SLOTS);
    out = arena.allocate(JAVA_LONG);
    sizes = arena.allocate(JAVA_LONG, MAX_RANK);
    strides = arena.allocate(JAVA_LONG, MAX_RANK);
    LibTorch.gradMode(false);
  }

  static NativeCall local() {
    Torch.ensureLoaded();
    return LOCAL.get();
  }

  void writeShape(long[] shape, long[] strideValues) {
    if (shape.length > MAX_RANK) {
      throw new IllegalArgumentException(
          "rank: got %d dimensions, expected at most %d".formatted(shape.length, MAX_RANK));
    }
    for (int i = 0; i < shape.length; i++) {
      sizes.setAtIndex(JAVA_LONG, i, shape[i]);
      strides.setAtIndex(JAVA_LONG, i, strideValues[i]);
    }
  }

  long outLong() {
    return out.get(JAVA_LONG, 0);
  }

  int outInt() {
    return out.get(JAVA_INT, 0);
  }

  long[] outLongs(int count) {
    long[] values = new long[count];
    if (count > 0) {
      MemorySegment borrowed = out.get(ADDRESS, 0).reinterpret(count * 8L);
      MemorySegment.copy(borrowed, JAVA_LONG, 0, values, 0, count);
    }
    return values;
  }

  /** Turns a status into a {@link TorchException}; the description is computed only on failure. */
  static void check(int status, Supplier<String> operation) {
    if (status != 0) {
      throw LibTorch.hasExceptionText()
          ? new TorchException(operation.get() + failureText())
          : TorchException.without(operation.get());
    }
  }

  private static String failureText() {
    MemorySegment text = LibTorch.exceptionText();
    return text.address() == 0
        ? " failed in libtorch"
        : ": " + text.reinterpret(Long.MAX_VALUE).getString(0).strip();
  }
}
