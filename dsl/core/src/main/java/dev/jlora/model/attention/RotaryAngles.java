package dev.jlora.model.attention;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.autograd.UnpaddedFunctions;
import dev.jlora.kernels.UnpaddedRows;
import dev.jlora.model.ModelException;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.Indexing;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cosines and sines of the rotary angles of a pass, [B or 1, 1, S, d] each ([1, 1, T, d] for
 * unpadded tokens), in the precision of the activations and computed in at least float32. Positions
 * are the batch's {@code position_ids}; by default they continue after the cached tokens.
 */
record RotaryAngles(Tensor cos, Tensor sin) {

  /**
   * The angles of a pass; all layers with these frequencies share the tensors.
   *
   * @param x the input of the attention, [B, S, hidden]
   */
  static RotaryAngles of(RotaryFrequencies frequencies, Tensor x, ForwardContext pass) {
    Object key = pass.unpadded() == null ? frequencies : new Unpadded(frequencies);
    Tensor[] both = pass.shared(key, () -> made(frequencies, x, pass));
    return new RotaryAngles(both[0], both[1]);
  }

  private static Tensor[] made(RotaryFrequencies frequencies, Tensor x, ForwardContext pass) {
    DType wide = x.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    Tensor given = pass.input("position_ids");
    UnpaddedRows unpadded = pass.unpadded();
    long end = unpadded == null ? pass.past() + x.size(1) : unpadded.width();
    RotaryFrequencies.Turning turning =
        frequencies.of(frequencies.fixed() || given == null ? end : longest(given));
    Tensor pairs =
        frequencies.fixed()
            ? pass.constant(new Pairs(frequencies, wide), () -> pairs(turning, wide, x.device()))
            : pairs(turning, wide, x.device());
    Tensor places =
        Ops.to(
            unpadded == null
                ? positions(given, pass.past(), end, x)
                : unpaddedPositions(given, unpadded, x.device()),
            wide);
    Tensor angles = Ops.mul(places, pairs);
    return new Tensor[] {
      both(Ops.cos(angles), turning.scale(), x.dtype()),
      both(Ops.sin(angles), turning.scale(), x.dtype())
    };
  }

  /** Key under which a pass keeps the angles of its unpadded tokens. */
  private record Unpadded(RotaryFrequencies frequencies) {}

  /** Key under which a network keeps its pairs. */
  private record Pairs(RotaryFrequencies frequencies, DType dtype) {}

  private static Tensor pairs(RotaryFrequencies.Turning turning, DType dtype, Device device) {
    return Ops.to(Ops.to(Tensor.of(turning.pairs(), turning.pairs().length), dtype), device);
  }

  /** [B or 1, 1, S, 1] INT64. */
  private static Tensor positions(@Nullable Tensor given, long past, long end, Tensor x) {
    return given == null
        ? Views.view(
            Views.slice(Indexing.arange(end, x.device()), 0, past, end), 1, 1, end - past, 1)
        : Views.reshape(given, given.size(0), 1, given.size(1), 1);
  }

  /** The positions of unpadded tokens, [1, 1, T, 1]. */
  private static Tensor unpaddedPositions(
      @Nullable Tensor given, UnpaddedRows rows, Device device) {
    Tensor columns =
        given == null
            ? Views.expand(Indexing.arange(rows.width(), device), rows.batch(), rows.width())
            : given;
    Tensor tokens = UnpaddedFunctions.unpad(Tape.off(), columns, rows);
    return Views.view(tokens, 1, 1, rows.tokens(), 1);
  }

  private static long longest(Tensor positions) {
    return 1 + Arrays.stream(positions.toLongs()).max().orElse(0);
  }

  /** Repeats the first half of a head for the second half: [..., d / 2] to [..., d]. */
  private static Tensor both(Tensor half, double scale, DType dtype) {
    Tensor whole = Ops.cat(-1, half, half);
    return Ops.to(scale == 1 ? whole : Ops.mul(whole, scale), dtype);
  }

  /** Rotates queries or keys [B, heads, S, d]. */
  Tensor turn(Tape tape, Tensor x) {
    if (cos.size(-1) != x.size(-1)) {
      throw new ModelException(
          "attention: got heads of size %d and rotary frequencies for heads of size %d"
              .formatted(x.size(-1), cos.size(-1)));
    }
    return Functions.rotary(tape, x, Ops.to(cos, x.dtype()), Ops.to(sin, x.dtype()));
  }
}
