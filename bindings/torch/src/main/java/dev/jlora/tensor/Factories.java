package dev.jlora.tensor;

import static dev.jlora.tensor.NativeCall.check;

import dev.jlora.ffi.TensorHandles;
import dev.jlora.profile.Phase;
import dev.jlora.profile.Profiler;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/** Creates tensors. */
final class Factories {
  private Factories() {}

  static Tensor empty(DType dtype, Device device, long... shape) {
    requireSizes(shape);
    long bytes = Math.multiplyExact(Shapes.elements(shape), dtype.bytes());
    Supplier<String> what = () -> "a tensor %s%s".formatted(dtype, Shapes.text(shape));
    if (device.host()) {
      TensorMemory.checkRoom(bytes, what);
    }
    NativeCall call = NativeCall.local();
    call.writeShape(shape, Shapes.contiguousStrides(shape));
    try (var _ = Profiler.enter(Phase.ALLOCATION)) {
      check(
          HostHeap.takes(device, bytes)
              ? HostHeap.empty(call, shape.length, dtype, bytes, what)
              : TensorHandles.emptyStrided(
                  shape.length,
                  call.sizes,
                  call.strides,
                  dtype.code(),
                  device.kind().code(),
                  device.index(),
                  call.out),
          () -> "empty(%s%s on %s)".formatted(dtype, Shapes.text(shape), device));
    }
    return Tensor.own(call, call.outLong());
  }

  static Tensor zeros(DType dtype, Device device, long... shape) {
    Tensor tensor = empty(dtype, device, shape);
    check(TensorHandles.zero(tensor.handle()), () -> "zero_" + tensor.describe());
    return tensor;
  }

  static Tensor full(double value, DType dtype, Device device, long... shape) {
    Tensor tensor = empty(dtype, device, shape);
    check(TensorHandles.fill(tensor.handle(), value), () -> "fill_" + tensor.describe());
    return tensor;
  }

  static Tensor of(MemorySegment values, long count, DType dtype, long... shape) {
    long[] actual = shape.length == 0 && count != 1 ? new long[] {count} : shape;
    requireSizes(actual);
    if (Shapes.elements(actual) != count) {
      throw new IllegalArgumentException(
          "values: got %d, expected %d for shape %s"
              .formatted(count, Shapes.elements(actual), Shapes.text(actual)));
    }
    Tensor tensor = empty(dtype, Device.CPU, actual);
    if (count > 0) {
      tensor.memory().copyFrom(values);
    }
    return tensor;
  }

  static Tensor of(boolean[] values, long... shape) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) (values[i] ? 1 : 0);
    }
    return of(MemorySegment.ofArray(bytes), values.length, DType.BOOL, shape);
  }

  static Tensor ofMemory(MemorySegment bytes, DType dtype, long... shape) {
    requireSizes(shape);
    long expected = Shapes.elements(shape) * dtype.bytes();
    if (!bytes.isNative() || bytes.byteSize() != expected) {
      throw new IllegalArgumentException(
          "memory: got %d bytes %s, expected %d native bytes for %s%s"
              .formatted(
                  bytes.byteSize(),
                  bytes.isNative() ? "off the heap" : "on the heap",
                  expected,
                  dtype,
                  Shapes.text(shape)));
    }
    if (expected == 0) {
      return empty(dtype, Device.CPU, shape);
    }
    NativeCall call = NativeCall.local();
    call.writeShape(shape, Shapes.contiguousStrides(shape));
    check(
        TensorHandles.tensorFromBlob(
            bytes, shape.length, call.sizes, call.strides, 0, dtype.code(), 0, 0, call.out),
        () -> "from_blob(%s%s)".formatted(dtype, Shapes.text(shape)));
    return Tensor.foreign(call, call.outLong());
  }

  private static void requireSizes(long[] shape) {
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException(
            "shape: got %s, expected no negative size".formatted(Shapes.text(shape)));
      }
    }
  }
}
