package dev.jlora.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/** Reads the values of a tensor into Java: its memory, or arrays in row-major order. */
final class Readout {
  private Readout() {}

  /** The bytes of a contiguous host tensor, in place. */
  static MemorySegment memory(Tensor tensor) {
    boolean host = tensor.device().host();
    if (tensor.device().kind() == Device.Kind.META) {
      throw new NoValuesException(tensor);
    }
    if (!host || !tensor.contiguous()) {
      throw new IllegalStateException(
          "memory(): got %s with strides %s on %s, expected a contiguous tensor on the CPU%s"
              .formatted(
                  tensor.describe(),
                  Shapes.text(tensor.rawStrides()),
                  tensor.device(),
                  host ? "" : "; toFloats(), toLongs() and to(Device.CPU) copy from there"));
    }
    long bytes = tensor.elements() * tensor.dtype().bytes();
    return bytes == 0
        ? MemorySegment.NULL
        : MemorySegment.ofAddress(tensor.address()).reinterpret(bytes);
  }

  /** The value of a one-element tensor. */
  static double one(Tensor tensor) {
    if (tensor.elements() != 1) {
      throw new IllegalStateException(
          "item(): got %s, expected a tensor of one element".formatted(tensor.describe()));
    }
    return doubles(tensor)[0];
  }

  static float[] floats(Tensor tensor) {
    return onHost(
        tensor,
        host -> {
          int n = Math.toIntExact(host.elements());
          float[] values = new float[n];
          MemorySegment bytes = host.memory();
          if (host.dtype() == DType.FLOAT32) {
            MemorySegment.copy(bytes, JAVA_FLOAT_UNALIGNED, 0, values, 0, n);
          } else {
            for (int i = 0; i < n; i++) {
              values[i] = (float) valueAt(bytes, host.dtype(), i);
            }
          }
          return values;
        });
  }

  static double[] doubles(Tensor tensor) {
    return onHost(
        tensor,
        host -> {
          double[] values = new double[Math.toIntExact(host.elements())];
          MemorySegment bytes = host.memory();
          for (int i = 0; i < values.length; i++) {
            values[i] = valueAt(bytes, host.dtype(), i);
          }
          return values;
        });
  }

  static long[] longs(Tensor tensor) {
    return onHost(
        tensor,
        host -> {
          long[] values = new long[Math.toIntExact(host.elements())];
          MemorySegment bytes = host.memory();
          for (int i = 0; i < values.length; i++) {
            values[i] =
                host.dtype() == DType.INT64
                    ? bytes.get(JAVA_LONG_UNALIGNED, i * 8L)
                    : (long) valueAt(bytes, host.dtype(), i);
          }
          return values;
        });
  }

  private static <R> R onHost(Tensor tensor, Function<Tensor, R> read) {
    if (tensor.contiguous() && tensor.device().host()) {
      return read.apply(tensor);
    }
    if (tensor.device().kind() == Device.Kind.META) {
      throw new NoValuesException(tensor);
    }
    try (var _ = Scope.open()) {
      Tensor copy = Tensor.empty(tensor.dtype(), tensor.rawShape());
      copy.copyFrom(tensor);
      return read.apply(copy);
    }
  }

  private static double valueAt(MemorySegment bytes, DType dtype, long i) {
    return switch (dtype) {
      case UINT8 -> Byte.toUnsignedInt(bytes.get(JAVA_BYTE, i));
      case INT8, BOOL -> bytes.get(JAVA_BYTE, i);
      case INT16 -> bytes.get(JAVA_SHORT_UNALIGNED, i * 2);
      case INT32 -> bytes.get(JAVA_INT_UNALIGNED, i * 4);
      case INT64, UINT64 -> bytes.get(JAVA_LONG_UNALIGNED, i * 8);
      case FLOAT16 -> Float.float16ToFloat(bytes.get(JAVA_SHORT_UNALIGNED, i * 2));
      case BFLOAT16 -> Float.intBitsToFloat(bytes.get(JAVA_SHORT_UNALIGNED, i * 2) << 16);
      case FLOAT32 -> bytes.get(JAVA_FLOAT_UNALIGNED, i * 4);
      case FLOAT64 -> bytes.get(JAVA_DOUBLE_UNALIGNED, i * 8);
      case COMPLEX64, COMPLEX128 ->
          throw new IllegalStateException("got %s, expected real numbers".formatted(dtype));
    };
  }
}
