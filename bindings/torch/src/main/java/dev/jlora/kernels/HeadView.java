package dev.jlora.kernels;

import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A tensor [b, h, s, d] as addresses of its rows, for any strides; the caller keeps the tensor
 * alive.
 *
 * @param row elements from one row of a head to the next; likewise batch, head
 * @param bytes of an element
 */
record HeadView(long address, long batch, long head, long row, int bytes) {
  static HeadView of(Tensor x) {
    long[] strides = x.strides();
    return new HeadView(x.address(), strides[0], strides[1], strides[2], x.dtype().bytes());
  }

  /** Whether the rows are in order, each without gaps, at multiples of four bytes. */
  static boolean fits(Tensor x) {
    long[] strides = x.strides();
    long[] shape = x.shape();
    boolean dense = strides[3] == 1 || shape[3] == 1;
    boolean apart = strides[2] >= shape[3] || shape[2] == 1;
    int pairs = x.dtype().bytes() == Float.BYTES ? 1 : 2;
    boolean aligned =
        strides[0] % pairs == 0
            && strides[1] % pairs == 0
            && strides[2] % pairs == 0
            && x.address() % Float.BYTES == 0;
    return dense && apart && aligned;
  }

  /** The same heads from a later row on. */
  HeadView from(long first) {
    return first == 0 ? this : new HeadView(at(0, 0, first), batch, head, row, bytes);
  }

  static @Nullable HeadView from(@Nullable HeadView view, long first) {
    return view == null ? null : view.from(first);
  }

  /** Address of a row of a head. */
  long at(int batchIndex, int headIndex, long rowIndex) {
    return address + (batchIndex * batch + headIndex * head + rowIndex * row) * bytes;
  }

  long at(AttentionTiling.Block block, long rowIndex) {
    return at(block.batch(), block.head(), rowIndex);
  }
}
