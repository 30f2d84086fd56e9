package dev.jlora.autograd;

import dev.jlora.kernels.UnpaddedRows;
import dev.jlora.ops.InPlace;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Functions that gather the unpadded tokens of a batch, and scatter them back. */
final class Unpadding {
  private Unpadding() {}

  /** A function of one input whose gradient has memory of its own. */
  private interface Copy extends OneInput {
    @Override
    default Memory gradientMemory() {
      return Memory.FRESH;
    }

    @Override
    default Phase phase() {
      return Phase.SHAPING;
    }
  }

  /** [B, S, ...] to [1, T, ...]. */
  record Unpad(UnpaddedRows rows) implements Copy {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      return unpadded(inputs[0], rows);
    }

    @Override
    public Tensor gradient(Context context, Tensor g) {
      return padded(g, rows);
    }

    @Override
    public String name() {
      return "unpad";
    }
  }

  /** [1, T, ...] to [B, S, ...], zeros for padding. */
  record Pad(UnpaddedRows rows) implements Copy {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      return padded(inputs[0], rows);
    }

    @Override
    public Tensor gradient(Context context, Tensor g) {
      return unpadded(g, rows);
    }

    @Override
    public String name() {
      return "pad";
    }
  }

  /** The first kept token of each row, [1, T, ...] to [B, 1, ...]. */
  record FirstTokens(UnpaddedRows rows) implements Copy {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      Tensor out = Tensor.empty(inputs[0].dtype(), sizes(inputs[0], rows.batch(), 1));
      for (int i = 0; i < rows.batch(); i++) {
        tokens(out, i, 0, 1).copyFrom(first(inputs[0], i));
      }
      return out;
    }

    @Override
    public Tensor gradient(Context context, Tensor g) {
      Tensor whole = Tensor.zeros(g.dtype(), context.shape(0));
      for (int i = 0; i < rows.batch(); i++) {
        first(whole, i).copyFrom(tokens(g, i, 0, 1));
      }
      return whole;
    }

    @Override
    public boolean addGradient(Context context, Tensor g, Tensor sum) {
      for (int i = 0; i < rows.batch(); i++) {
        InPlace.add(first(sum, i), tokens(g, i, 0, 1), 1);
      }
      return true;
    }

    private Tensor first(Tensor unpadded, int row) {
      return tokens(unpadded, 0, rows.rows().get(row).offset(), 1);
    }

    @Override
    public String name() {
      return "first tokens";
    }
  }

  private static Tensor unpadded(Tensor x, UnpaddedRows rows) {
    Tensor out = Tensor.empty(x.dtype(), sizes(x, 1, rows.tokens()));
    for (int i = 0; i < rows.batch(); i++) {
      UnpaddedRows.Row row = rows.rows().get(i);
      tokens(out, 0, row.offset(), row.length()).copyFrom(tokens(x, i, row.column(), row.length()));
    }
    return out;
  }

  private static Tensor padded(Tensor x, UnpaddedRows rows) {
    Tensor out = Tensor.zeros(x.dtype(), sizes(x, rows.batch(), rows.width()));
    for (int i = 0; i < rows.batch(); i++) {
      UnpaddedRows.Row row = rows.rows().get(i);
      tokens(out, i, row.column(), row.length()).copyFrom(tokens(x, 0, row.offset(), row.length()));
    }
    return out;
  }

  private static Tensor tokens(Tensor x, int row, long first, long count) {
    return Views.slice(Views.slice(x, 0, row, row + 1L), 1, first, first + count);
  }

  /** The shape of x with its first two sizes replaced. */
  private static long[] sizes(Tensor x, long batch, long tokens) {
    long[] sizes = x.shape();
    sizes[0] = batch;
    sizes[1] = tokens;
    return sizes;
  }

  /** Rejects tensors that are not [{@code batch}, {@code tokens}, ...]. */
  static void check(String name, Tensor x, long batch, long tokens) {
    if (x.rank() < 2 || x.size(0) != batch || x.size(1) != tokens) {
      throw new IllegalArgumentException(
          "%s: got %s, expected %s, the unpadded rows"
              .formatted(name, x.describe(), Arrays.toString(sizes(x, batch, tokens))));
    }
  }
}
