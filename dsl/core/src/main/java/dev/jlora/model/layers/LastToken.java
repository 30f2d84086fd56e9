package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.ops.Indexing;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The last token of every sequence that is not padding, [B, S, hidden] to [B, hidden]: the one at
 * which a decoder has read the whole text.
 *
 * @param padding the padding token; -1 if only the attention mask marks padding
 */
public record LastToken(long padding) implements Layer {
  @Override
  public Module build(Assembly assembly) {
    return (x, pass) -> {
      long rows = x.size(0);
      long length = x.size(1);
      Tensor ids = pass.require("input_ids");
      Tensor mask = ofTokens(pass.input("attention_mask"), length);
      Tensor flat = Functions.reshape(pass.tape(), x, rows * length, x.size(2));
      Tensor places =
          x.device().host()
              ? Tensor.of(places(ids, mask, length), rows)
              : placesThere(ids, mask, rows, length);
      return Functions.embedding(pass.tape(), flat, places, -1);
    };
  }

  /** The mask of a batch's own tokens, without those of a prefix. */
  private static @Nullable Tensor ofTokens(@Nullable Tensor mask, long length) {
    return mask == null || mask.size(1) == length
        ? mask
        : Ops.contiguous(Views.slice(mask, 1, mask.size(1) - length, mask.size(1)));
  }

  /**
   * The index of each row's token in the flattened batch; the first one for a row of padding only.
   */
  private long[] places(Tensor ids, @Nullable Tensor mask, long length) {
    long[] tokens = ids.toLongs();
    long[] attended = mask == null ? filled(tokens.length) : mask.toLongs();
    long[] places = new long[Math.toIntExact(tokens.length / length)];
    for (int row = 0; row < places.length; row++) {
      long first = row * length;
      places[row] = first;
      for (long i = first; i < first + length; i++) {
        if (attended[(int) i] != 0 && tokens[(int) i] != padding) {
          places[row] = i;
        }
      }
    }
    return places;
  }

  /**
   * {@link #places} on a GPU, without reading the tokens: the largest index of a token that counts.
   */
  private Tensor placesThere(Tensor ids, @Nullable Tensor mask, long rows, long length) {
    Tensor flat = Views.view(Indexing.arange(rows * length, ids.device()), rows, length);
    Tensor counted = Ops.mul(flat, Ops.ne(ids, Tensor.scalar(padding, DType.INT64)));
    Tensor attended = mask == null ? counted : Ops.mul(counted, mask);
    return Ops.maximum(Reduce.amax(attended, false, 1), Views.select(flat, 1, 0));
  }

  private static long[] filled(int count) {
    long[] ones = new long[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
