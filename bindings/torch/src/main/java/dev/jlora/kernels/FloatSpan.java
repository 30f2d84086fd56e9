package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.jlora.tensor.DType;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Reads adjacent elements as floats, and writes them back. Floats of 16-bit elements come in a
 * different order, which does not matter to elementwise loops. An instance belongs to one thread.
 */
sealed interface FloatSpan {
  /** Maximum number of elements per call. */
  int LENGTH = 1024;

  /** The calling thread's instance; null for an unsupported dtype. */
  static @Nullable FloatSpan ofThread(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> Floats.LOCAL.get();
      case BFLOAT16 -> Bfloat16s.LOCAL.get();
      default -> null;
    };
  }

  /** to = the {@code count} elements at this address; {@code count} is at most {@link #LENGTH}. */
  void load(long address, float[] to, int count);

  /** Writes elements in the order of {@link #load}, rounded to nearest even. */
  void store(float[] from, long address, int count);

  /** The element at this address. */
  float get(long address);

  /** Writes the element at this address, rounded to nearest even. */
  void set(long address, float value);

  /** FLOAT32, in memory order. */
  final class Floats implements FloatSpan {
    private static final ThreadLocal<Floats> LOCAL = ThreadLocal.withInitial(Floats::new);

    @Override
    public void load(long address, float[] to, int count) {
      MemorySegment.copy(HostMemory.MEMORY, JAVA_FLOAT_UNALIGNED, address, to, 0, count);
    }

    @Override
    public void store(float[] from, long address, int count) {
      MemorySegment.copy(from, 0, HostMemory.MEMORY, JAVA_FLOAT_UNALIGNED, address, count);
    }

    @Override
    public float get(long address) {
      return HostMemory.MEMORY.get(JAVA_FLOAT_UNALIGNED, address);
    }

    @Override
    public void set(long address, float value) {
      HostMemory.MEMORY.set(JAVA_FLOAT_UNALIGNED, address, value);
    }
  }

  /**
   * Pairs of bfloat16: first the lower halves of ints, then the upper halves, then a remaining
   * single element.
   */
  final class Bfloat16s implements FloatSpan {
    private static final ThreadLocal<Bfloat16s> LOCAL = ThreadLocal.withInitial(Bfloat16s::new);
    private static final int HALF = 16;

    private final int[] pairs = new int[LENGTH / 2];
    private final int[] low = new int[LENGTH / 2];
    private final int[] high = new int[LENGTH / 2];
    private final MemorySegment lowBits = MemorySegment.ofArray(low);
    private final MemorySegment highBits = MemorySegment.ofArray(high);

    @Override
    public void load(long address, float[] to, int count) {
      int half = count / 2;
      MemorySegment.copy(HostMemory.MEMORY, JAVA_INT_UNALIGNED, address, pairs, 0, half);
      Bfloat16Pairs.unpack(pairs, low, high, half);
      MemorySegment.copy(lowBits, JAVA_FLOAT, 0, to, 0, half);
      MemorySegment.copy(highBits, JAVA_FLOAT, 0, to, half, half);
      if (count % 2 == 1) {
        to[count - 1] = get(address + (count - 1L) * Short.BYTES);
      }
    }

    @Override
    public void store(float[] from, long address, int count) {
      int half = count / 2;
      MemorySegment.copy(from, 0, lowBits, JAVA_FLOAT, 0, half);
      MemorySegment.copy(from, half, highBits, JAVA_FLOAT, 0, half);
      Bfloat16Pairs.pack(low, high, pairs, half);
      MemorySegment.copy(pairs, 0, HostMemory.MEMORY, JAVA_INT_UNALIGNED, address, half);
      if (count % 2 == 1) {
        set(address + (count - 1L) * Short.BYTES, from[count - 1]);
      }
    }

    @Override
    public float get(long address) {
      int bits = HostMemory.MEMORY.get(JAVA_SHORT_UNALIGNED, address) << HALF;
      return Float.intBitsToFloat(bits);
    }

    @Override
    public void set(long address, float value) {
      int bits = Float.floatToRawIntBits(value);
      int rounded = (bits + 0x7fff + ((bits >>> HALF) & 1)) >>> HALF;
      HostMemory.MEMORY.set(JAVA_SHORT_UNALIGNED, address, (short) rounded);
    }
  }
}
