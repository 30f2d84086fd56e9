package dev.jlora.model.runtime;

import dev.jlora.kernels.UnpaddedRows;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** Selects the columns of a batch to compute without padding, from its attention mask. */
final class UnpaddedTokens {
  /** Lengths are rounded up to a multiple of this: oneDNN generates code for each new size. */
  private static final int GRAIN = 8;

  /** Unpadding must save at least one token in this many. */
  private static final int LEAST_SAVED = 20;

  private UnpaddedTokens() {}

  /**
   * For each row the columns from the first to the last that counts, rounded up.
   *
   * @param mask [B, S] INT64, 1 for tokens that count; null if all do
   * @param fromFirst whether to keep the tokens before the first that counts, for models that read
   *     column 0
   * @return null if little would be saved, a row has no token that counts, or reading the mask
   *     would wait for a device
   */
  static @Nullable UnpaddedRows of(@Nullable Tensor mask, boolean fromFirst) {
    if (mask == null || mask.device().kind() != Device.Kind.CPU || !mask.contiguous()) {
      return null;
    }
    MemorySegment bytes = mask.memory();
    int batch = Math.toIntExact(mask.size(0));
    long width = mask.size(1);
    long[] columns = new long[batch];
    long[] lengths = new long[batch];
    long kept = 0;
    for (int row = 0; row < batch; row++) {
      long first = 0;
      while (first < width && !counts(bytes, row * width + first)) {
        first++;
      }
      if (first == width) {
        return null;
      }
      long last = width - 1;
      while (!counts(bytes, row * width + last)) {
        last--;
      }
      long start = fromFirst ? 0 : first;
      lengths[row] = Math.min(width, Math.ceilDiv(last + 1 - start, GRAIN) * GRAIN);
      columns[row] = Math.min(start, width - lengths[row]);
      kept += lengths[row];
    }
    return (batch * width - kept) * LEAST_SAVED < batch * width
        ? null
        : UnpaddedRows.of(width, columns, lengths);
  }

  /**
   * The additive mask of the kept tokens, [1, 1, 1, T]: 0, and the lowest number of {@code dtype}
   * for tokens that do not count; null if there are none.
   *
   * @param causal whether tokens after the last that counts may stay visible, since no counted
   *     token attends to them
   */
  static @Nullable Tensor mask(Tensor mask, UnpaddedRows rows, boolean causal, DType dtype) {
    MemorySegment bytes = mask.memory();
    float[] seen = new float[Math.toIntExact(rows.tokens())];
    boolean hides = false;
    for (int i = 0; i < rows.batch(); i++) {
      UnpaddedRows.Row row = rows.rows().get(i);
      boolean open = causal;
      for (long j = row.length() - 1; j >= 0; j--) {
        boolean counts = counts(bytes, i * rows.width() + row.column() + j);
        open &= !counts;
        seen[(int) (row.offset() + j)] = counts || open ? 1 : 0;
        hides |= !counts && !open;
      }
    }
    return hides ? AttentionMask.hiding(Tensor.of(seen, 1, 1, 1, seen.length), dtype) : null;
  }

  private static boolean counts(MemorySegment mask, long index) {
    return mask.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, index) != 0;
  }
}
