package dev.jlora.model;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * The rows of a table that one of the model's inputs names: ids [B, S] INT64 to [B, S, width].
 *
 * @param input the input's name ({@code input_ids}, {@code token_type_ids})
 * @param zeroIfAbsent a batch without that input means id 0 everywhere (the result is [1, width])
 */
public record Lookup(String input, boolean zeroIfAbsent, Layer table) implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(table);
  }

  @Override
  public Module build(Assembly assembly) {
    Adaptable rows = assembly.build(table, Adaptable.class);
    return (main, pass) -> {
      Tensor ids = zeroIfAbsent ? pass.input(input) : pass.require(input);
      if (ids == null) {
        return rows.forward(Ops.to(Tensor.zeros(DType.INT64, 1), main.device()), pass);
      }
      check(ids, rows.in());
      return rows.forward(ids, pass);
    };
  }

  /**
   * Ids are checked here, where they are in reach of Java; on a GPU the data loader has done it.
   */
  void check(Tensor ids, long rows) {
    if (ids.dtype() != DType.INT64) {
      throw new ModelException("%s: got %s, expected INT64 ids".formatted(input, ids.dtype()));
    }
    if (ids.device().kind() != Device.Kind.CPU || !ids.contiguous()) {
      return;
    }
    MemorySegment bytes = ids.memory();
    for (long i = 0; i < ids.elements(); i++) {
      long id = bytes.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i);
      if (id < 0 || id >= rows) {
        throw new ModelException(
            ("%s: got id %d, expected 0 to %d (the model's table has %d rows):"
                    + " is this the model's own tokenizer?")
                .formatted(input, id, rows - 1, rows));
      }
    }
  }
}
