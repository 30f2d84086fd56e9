package dev.jlora.adapters.init;

import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.Indexing;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The inputs of a module in a pass, without those of padding. */
final class ObservedInputs {
  private ObservedInputs() {}

  /**
   * The inputs as rows.
   *
   * @param x [B, S, in] or any [..., in]
   * @param ignoredLabel tokens with this label are left out, too; null for none
   * @return [n, in], FLOAT32
   */
  static Tensor rows(Tensor x, ForwardContext pass, @Nullable Long ignoredLabel) {
    Tensor flat = Views.reshape(Ops.to(x, DType.FLOAT32), -1, x.size(-1));
    long[] mask = tokens(pass.input("attention_mask"), flat);
    long[] labels = ignoredLabel == null ? null : tokens(pass.input("labels"), flat);
    if (mask == null && labels == null) {
      return flat;
    }
    long[] kept =
        IntStream.range(0, Math.toIntExact(flat.size(0)))
            .filter(i -> mask == null || mask[i] != 0)
            .filter(i -> labels == null || labels[i] != ignoredLabel)
            .mapToLong(i -> i)
            .toArray();
    return Indexing.indexSelect(flat, 0, Ops.to(Tensor.of(kept, kept.length), flat.device()));
  }

  /** One number for each row; null if the batch has none. */
  private static long @Nullable [] tokens(@Nullable Tensor tokens, Tensor rows) {
    return tokens == null || tokens.rank() != 2 || tokens.elements() != rows.size(0)
        ? null
        : tokens.toLongs();
  }
}
