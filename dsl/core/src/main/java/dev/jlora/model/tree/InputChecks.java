package dev.jlora.model.tree;

import dev.jlora.io.Amount;
import dev.jlora.model.ModelException;
import dev.jlora.spec.Nearest;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;

/** Rejects batches that the model cannot run on, before any native call. */
public final class InputChecks {
  private InputChecks() {}

  /**
   * Checks a batch.
   *
   * @param past number of cached tokens, which the attention mask includes
   */
  public static void check(Architecture architecture, Map<String, Tensor> batch, long past) {
    String mainName = architecture.inputs().getFirst();
    Tensor main = batch.get(mainName);
    if (main == null) {
      throw new ModelException(
          "The batch has no '%s', which %s needs; it has %s"
              .formatted(mainName, architecture.name(), Nearest.list(batch.keySet())));
    }
    if (!mainName.equals("input_ids")) {
      return;
    }
    checkTokens(architecture, main, past);
    for (String name : architecture.inputs()) {
      Tensor other = batch.get(name);
      long[] expected = main.shape();
      expected[1] += name.equals("attention_mask") ? past : 0;
      if (other != null && !Arrays.equals(other.shape(), expected)) {
        throw new ModelException(
            "%s: got shape %s, expected %s, the shape of input_ids%s"
                .formatted(
                    name,
                    Arrays.toString(other.shape()),
                    Arrays.toString(expected),
                    expected[1] > main.size(1) ? " and of what the cache holds" : ""));
      }
      if (other != null && other.dtype() != DType.INT64) {
        throw new ModelException("%s: got %s, expected INT64".formatted(name, other.dtype()));
      }
    }
  }

  /** Checks ids against the rows of their table; ids on a GPU are not read. */
  public static void ids(String input, Tensor ids, long rows) {
    if (!ids.device().host() || !ids.contiguous() || ids.dtype() != DType.INT64) {
      return;
    }
    MemorySegment bytes = ids.memory();
    for (long i = 0; i < ids.elements(); i++) {
      long id = bytes.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i);
      if (id < 0 || id >= rows) {
        throw new ModelException(
            ("%s: got id %d, expected 0 to %d (the model's table has %s):"
                    + " is this the model's own tokenizer?")
                .formatted(input, id, rows - 1, Amount.of(rows, "row")));
      }
    }
  }

  private static void checkTokens(Architecture architecture, Tensor ids, long past) {
    if (ids.rank() != 2 || ids.elements() == 0) {
      throw new ModelException(
          "input_ids: got shape %s, expected [batch, tokens] with at least one of each"
              .formatted(Arrays.toString(ids.shape())));
    }
    long limit = architecture.maxPositions();
    if (limit > 0 && past + ids.size(1) > limit) {
      throw new ModelException(
          ("input_ids: got sequences of %s, and this model has positions for %,d:"
                  + " truncate the text to %s")
              .formatted(Amount.of(past + ids.size(1), "token"), limit, Amount.of(limit, "token")));
    }
  }
}
