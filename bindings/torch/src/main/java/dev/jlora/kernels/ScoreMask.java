package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The additive terms of scores: an additive mask of any shape that broadcasts to [b, h, s, t], and
 * minus infinity for later keys if attention is causal. One instance per thread; it keeps the part
 * of the mask that it read last, because heads usually share it.
 */
final class ScoreMask {
  /** The mask's memory; the caller keeps the tensor alive. */
  record Source(long address, long[] strides, DType dtype) {
    static @Nullable Source of(@Nullable Tensor mask, Tensor q, Tensor k) {
      if (mask == null) {
        return null;
      }
      Tensor expanded = Views.expand(mask, q.size(0), q.size(1), q.size(2), k.size(2));
      return new Source(expanded.address(), expanded.strides(), mask.dtype());
    }

    /** The mask from a later key on. */
    Source from(long key) {
      return new Source(address + key * strides[3] * dtype.bytes(), strides, dtype);
    }
  }

  private final @Nullable Source source;
  private final MemorySegment memory = HostMemory.MEMORY;
  private final boolean causal;
  private AttentionTiling.Block block;
  private long loaded = -1;
  private boolean adds;
  private float[] values = new float[0];

  ScoreMask(@Nullable Source source, boolean causal) {
    this.source = source;
    this.causal = causal;
  }

  /** Sets the block for the next calls. */
  void open(AttentionTiling.Block next) {
    block = next;
    if (source == null) {
      return;
    }
    long[] strides = source.strides;
    long start = next.batch() * strides[0] + next.head() * strides[1] + next.first() * strides[2];
    if (start == loaded && next.keys() <= keysLoaded && next.stride() == strideLoaded) {
      return;
    }
    loaded = start;
    keysLoaded = next.keys();
    strideLoaded = next.stride();
    adds = strides[2] == 0 ? readKeys(start) : readTile(start);
  }

  private int keysLoaded;
  private int strideLoaded;

  /** Whether anything is added to the scores of these keys. */
  boolean adds(int firstKey, int keys) {
    return adds || (causal && firstKey + keys - 1 > block.first());
  }

  /** Writes the terms for the scores of some keys, [keys, stride]. */
  void fill(float[] to, int firstKey, int keys) {
    int stride = block.stride();
    for (int i = 0; i < keys; i++) {
      int key = firstKey + i;
      int start = i * stride;
      if (!adds) {
        Arrays.fill(to, start, start + stride, 0);
      } else if (source.strides[2] == 0) {
        Arrays.fill(to, start, start + stride, values[key]);
      } else {
        System.arraycopy(values, key * stride, to, start, stride);
      }
      int hidden = causal ? Math.clamp(key - (long) block.first(), 0, stride) : 0;
      Arrays.fill(to, start, start + hidden, Float.NEGATIVE_INFINITY);
    }
  }

  /** Reads one value per key, the same for all queries. */
  private boolean readKeys(long start) {
    grow(block.keys());
    boolean any = false;
    for (int key = 0; key < block.keys(); key++) {
      values[key] = read(start + key * source.strides[3]);
      any |= values[key] != 0;
    }
    return any;
  }

  /** Reads one value per key and query, transposed. */
  private boolean readTile(long start) {
    int stride = block.stride();
    grow(block.keys() * stride);
    boolean any = false;
    for (int row = 0; row < block.rows(); row++) {
      long from = start + row * source.strides[2];
      for (int key = 0; key < block.keys(); key++) {
        float value = read(from + key * source.strides[3]);
        values[key * stride + row] = value;
        any |= value != 0;
      }
    }
    return any;
  }

  private void grow(int length) {
    if (values.length < length) {
      values = new float[length];
    }
  }

  private float read(long index) {
    return source.dtype == DType.FLOAT32
        ? memory.get(JAVA_FLOAT_UNALIGNED, source.address + index * Float.BYTES)
        : Float.intBitsToFloat(
            memory.get(JAVA_SHORT_UNALIGNED, source.address + index * Short.BYTES) << 16);
  }
}
